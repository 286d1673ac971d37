#pragma once

namespace portcullis {

// How often the program has called operator new. Link count_allocations.cc, which replaces it; it stands
// apart, since a compiler that sees the calls and the replacement together takes them for a mismatch.
long allocations();

}  // namespace portcullis
