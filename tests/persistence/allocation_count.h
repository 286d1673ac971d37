#pragma once

#include <cstdint>

namespace portcullis::persistence::testing {

// Heap allocations of this program so far, all threads.
std::uint64_t allocation_count();
// What they asked for in all.
std::uint64_t allocated_bytes();

}  // namespace portcullis::persistence::testing
