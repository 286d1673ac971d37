#pragma once

#include <cstdint>
#include <string>

#include "persistence/file.h"

namespace portcullis::persistence {

// About how many records a journal has, without reading it: by what its last segment begins with, and a segment's worth
// more at most. For who makes room; 0 where there is one segment, or none that can be read. Any thread.
std::uint64_t expected_records(FileSystem& files, const std::string& directory);

}  // namespace portcullis::persistence
