#pragma once

#include <cstddef>
#include <cstring>
#include <span>

#include "base/check.h"
#include "order/event.h"

namespace portcullis::gateway {

// Calls visit(EventView) for each event of a record that is being made: nobody else has written them, so that only their
// end is checked.
template <typename Visit>
inline __attribute__((always_inline)) void for_each_written(std::span<const std::byte> events, Visit&& visit) {
  const std::byte* at = events.data();
  const std::byte* const end = at + events.size();
  while (at < end) {
    order::EventHeader header;
    std::memcpy(&header, at, sizeof header);
    at += sizeof header;
    visit(order::EventView(header.type, {at, header.size}));
    at += header.size;
  }
  PORTCULLIS_CHECK(at == end, "events that do not read back");
}

}  // namespace portcullis::gateway
