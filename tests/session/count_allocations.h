#pragma once

#include <cstddef>

namespace portcullis::session::test {

// How often operator new has been called in this program. In a file of its own, so that the compiler does
// not see through the replaced operators where they are used.
std::size_t allocations();

}  // namespace portcullis::session::test
