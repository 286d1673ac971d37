#pragma once

#include <cstdint>

namespace portcullis::risk {

// Starts counting this thread's calls of operator new in this program.
void start_counting_allocations();
// How many there were since; counting ends.
std::int64_t stop_counting_allocations();

}  // namespace portcullis::risk
