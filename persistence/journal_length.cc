#include "persistence/journal_length.h"

#include <vector>

#include "persistence/journal_reader.h"
#include "persistence/segment.h"

namespace portcullis::persistence {

// What cannot be read here cannot be read by who needs it either, and that one says so.
std::uint64_t expected_records(FileSystem& files, const std::string& directory) {
  const auto segments = list_segments(files, directory);
  if (!segments) return 0;
  FrameFile frames(files, directory, 0);
  std::vector<std::byte> scratch;
  for (std::size_t i = segments->size(); i-- > 1;) {
    const auto first = frames.read((*segments)[i].header.base + kSegmentHeaderBytes, scratch);
    if (first) return first->index + first->index / i;  // else it was made ready and not used yet
  }
  return 0;
}

}  // namespace portcullis::persistence
