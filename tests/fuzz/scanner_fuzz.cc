#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fix/scanner.h"

// Any bytes: every view lies inside them, tags are positive, the bounds hold, and what was scanned
// without a fault covers the bytes without a gap.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static portcullis::fix::ScannedMessage message;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const portcullis::fix::ScanFault fault = portcullis::fix::scan(bytes, message);
  const char* at = bytes.data();
  if (message.fields().size() > portcullis::fix::kMaxFields) std::abort();
  for (const portcullis::fix::RawField& field : message.fields()) {
    if (field.tag == 0 || field.tag > 999'999'999) std::abort();
    if (field.value.data() <= at || field.value.data() + field.value.size() >= bytes.data() + bytes.size())
      std::abort();
    at = field.value.data() + field.value.size() + 1;
  }
  if (!fault && at != bytes.data() + bytes.size()) std::abort();
  return 0;
}
