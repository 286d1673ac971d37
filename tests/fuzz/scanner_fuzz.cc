#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string_view>
#include <vector>

#include "fix/scanner.h"

// Any bytes: every view lies inside them, tags are positive, the bounds hold, what was scanned without a
// fault covers the bytes without a gap, cut by marks or byte by byte is the same, and messages of one layout have the
// same tags and no empty value.

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

  static portcullis::fix::ScannedMessage plain;
  const portcullis::fix::ScanFault plain_fault = portcullis::fix::scan_by_bytes(bytes, plain);
  if (plain_fault.kind != fault.kind || plain_fault.ref_tag != fault.ref_tag) std::abort();
  if (plain.regular() != message.regular() || plain.fields().size() != message.fields().size()) std::abort();
  for (std::size_t i = 0; i < plain.fields().size(); ++i) {
    const portcullis::fix::RawField& a = message.fields()[i];
    const portcullis::fix::RawField& b = plain.fields()[i];
    if (a.tag != b.tag || a.value.data() != b.value.data() || a.value.size() != b.value.size()) std::abort();
  }
  if (const std::uint64_t layout = message.fields().layout(); layout != 0) {
    static std::map<std::uint64_t, std::vector<std::uint32_t>> known;
    std::vector<std::uint32_t> tags;
    for (const portcullis::fix::RawField& field : message.fields()) {
      if (field.value.empty()) std::abort();
      tags.push_back(field.tag);
    }
    if (fault || known.try_emplace(layout, tags).first->second != tags) std::abort();
  }
  const portcullis::fix::HeaderFields& a = message.header();
  const portcullis::fix::HeaderFields& b = plain.header();
  if (a.msg_type != b.msg_type || a.msg_seq_num != b.msg_seq_num || a.sending_time != b.sending_time ||
      a.begin_string != b.begin_string || a.sender_comp_id != b.sender_comp_id || a.poss_dup != b.poss_dup) {
    std::abort();
  }
  return 0;
}
