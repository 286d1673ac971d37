#pragma once

#include <cstdint>

namespace portcullis::persistence::testing {

// Heap allocations of this program so far, all threads.
std::uint64_t allocation_count();

}  // namespace portcullis::persistence::testing
