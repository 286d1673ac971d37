#include "gateway/record.h"

namespace portcullis::gateway {
namespace {

// Of content that is malformed.
std::string fault_of(std::span<const std::byte> content) {
  const std::string size = "its content has " + std::to_string(content.size()) + " bytes; ";
  RecordHeader header;
  if (content.size() < sizeof header) {
    return size + "at least the " + std::to_string(sizeof header) + " of a record's header were expected";
  }
  std::memcpy(&header, content.data(), sizeof header);
  const std::size_t events = events_at(header);
  const std::size_t expected = events + std::size_t{header.events_size} + std::size_t{header.outbound_size};
  if (expected != content.size()) return size + "its header says " + std::to_string(expected);
  std::string fault;
  const bool reads =
      order::for_each_event(content.subspan(events, header.events_size), [&fault](const order::EventView& event) {
        if (fault.empty() && !order::is_whole(event)) fault = order::why_not_whole(event);
      });
  if (!fault.empty()) return fault;
  return reads ? "its outbound messages do not read as its header says"
               : "its events do not fill the " + std::to_string(header.events_size) + " bytes that its header says";
}

}  // namespace

Result<RecordView> read_record(std::uint32_t content_version, std::span<const std::byte> content) {
  if (!is_readable(content_version)) return Error{unreadable(content_version)};
  const auto view = RecordView::parse(content);
  if (!view) return Error{"its checksum is right, but it is no record that this program can read: " + fault_of(content)};
  return *view;
}

}  // namespace portcullis::gateway
