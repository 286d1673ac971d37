#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fix/dialect.h"
#include "order/commands.h"

// What the gateway does not interpret travels on (fix/render/composer.h), unless it must not be lost on the way.

namespace portcullis::fix {

// The first field of an order (D or G) that changes what the order means and that the broker's dialect
// cannot carry: its version lacks the field or the value, or the dialect drops it. 0: all of it can be
// carried. Such an order is refused, never forwarded without the field.
std::uint32_t uncarried_field(const order::MessageFields& source, std::string_view msg_type, const Dialect& broker);

// The count field of the first group of a message's body that is not whole, and would be left out on the way; 0: none.
std::uint32_t broken_group(const ScannedMessage& message, const Dictionary& dictionary);

}  // namespace portcullis::fix
