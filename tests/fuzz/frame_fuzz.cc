#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fix/frame.h"

// Any bytes, cut anywhere: the framer consumes within its bounds, always makes progress, and each frame
// that it yields is one when read alone.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using portcullis::fix::Framer;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // The first byte says where the stream is cut in two.
  const std::size_t cut = size == 0 ? 0 : data[0] % (size + 1);
  Framer framer;
  std::size_t begin = 0;
  for (const std::size_t end : {cut, size}) {
    for (;;) {
      const std::string_view unread = bytes.substr(begin, end - begin);
      const Framer::Step step = framer.next(unread);
      if (step.consumed > unread.size()) std::abort();
      begin += step.consumed;
      if (step.found == Framer::Found::kTooLarge) return 0;
      if (step.found == Framer::Found::kNeedMore) break;
      if (step.consumed == 0) std::abort();
      if (step.found == Framer::Found::kFrame) {
        Framer alone;
        const Framer::Step again = alone.next(step.frame.bytes);
        if (again.found != Framer::Found::kFrame || again.frame.bytes.size() != step.frame.bytes.size()) std::abort();
        if (step.frame.body_offset + step.frame.body_size + 7 != step.frame.bytes.size()) std::abort();
      }
    }
  }
  return 0;
}
