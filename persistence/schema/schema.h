#pragma once

#include <span>

namespace portcullis::persistence {

// The statements of each step of the blotter's schema; the first one makes version 1. A step that was
// released is never edited: a change is a further step.
std::span<const char* const> schema_steps();

}  // namespace portcullis::persistence
