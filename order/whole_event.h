#pragma once

#include <string>

#include "order/event.h"

// Events of bytes that nobody has checked: a record of the journal may have been damaged, or written by another program,
// before its checksum was made.

namespace portcullis::order {

// Its payload holds all that an event of its type says. One of a type that this program does not know says nothing.
bool is_whole(const EventView& event);
// What was wrong, and expected, of one that is not.
std::string why_not_whole(const EventView& event);

}  // namespace portcullis::order
