#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/result.h"
#include "base/time.h"
#include "order/events.h"
#include "order/types.h"
#include "order/whole_event.h"

// The content of one journal record: one input, the events decided from it, and the messages that go
// out because of it. persistence/ frames it with length, index and checksum; docs/journal.md is the
// format document. Everything stands at multiples of 8 bytes, little-endian.
//
//   RecordHeader | input bytes | slow lines, where there are any | events | outbound: (OutboundHeader | bytes)*

namespace portcullis::gateway {

enum class InputKind : std::uint8_t {
  kStart = 1,      // the process starts: epoch
  kConfigure = 2,  // input bytes: the sanitized text of the configuration
  kMessage = 3,    // an inbound FIX message; flag kDelivered when it went to the core's decision
  kSession = 4,    // a session's own doing: timers, logout, disconnect
  kCommand = 5,    // an operator's action; input bytes: its JSON form for the reader
  kTick = 6,       // time passes
};

inline constexpr std::uint8_t kDelivered = 1;
inline constexpr std::uint8_t kLowSpace = 2;  // the journal's disk was nearly full when this was decided
// Eight bytes behind the input: bit by BrokerId, of the first 64, which did not read what we sent when this was decided.
inline constexpr std::uint8_t kSlowLines = 4;

// Of what records hold, in the header of each segment (docs/journal.md): a changed layout is a new one. 0 is that of
// journals which no gateway has written.
inline constexpr std::uint32_t kContentVersion = 6;
constexpr bool is_readable(std::uint32_t content_version) {
  return content_version == 0 || content_version == kContentVersion;
}
inline std::string unreadable(std::uint32_t content_version) {
  return "it was written in version " + std::to_string(content_version) + " of what records hold, and this program reads " +
         std::to_string(kContentVersion);
}

struct RecordHeader {
  InputKind kind;
  std::uint8_t flags;
  order::SessionId session;
  std::uint32_t sequence_epoch;  // of the inbound message's session
  std::int64_t time_ns;          // UTC of the input
  std::uint64_t inbound_seq;     // MsgSeqNum(34) of the input, 0 when it has none
  std::uint32_t input_size;
  std::uint32_t events_size;
  std::uint32_t outbound_size;
  std::uint32_t outbound_count;
};
static_assert(sizeof(RecordHeader) == 40 && std::has_unique_object_representations_v<RecordHeader>);

struct OutboundHeader {
  order::SessionId session;
  std::uint8_t admin;            // 1: a session-level message, gap-filled and never resent
  std::uint8_t pad = 0;
  std::uint32_t sequence_epoch;
  std::uint64_t msg_seq_num;
  std::uint32_t size;
  std::uint32_t pad2 = 0;
};
static_assert(sizeof(OutboundHeader) == 24 && std::has_unique_object_representations_v<OutboundHeader>);

// Room for one record: a frame of 64 KiB, its events, and what goes out because of it. A configuration
// (text of at most 1 MiB, and an event for each new name) needs more, once at each start.
inline constexpr std::size_t kRecordCapacity = 512 << 10;
inline constexpr std::size_t kConfigureCapacity = 16 << 20;

constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

// Where a record's events begin.
constexpr std::size_t events_at(const RecordHeader& header) {
  const std::size_t slow_lines = (header.flags & kSlowLines) != 0 ? sizeof(std::uint64_t) : 0;
  return sizeof header + padded(header.input_size) + slow_lines;
}

// Builds a record's content in place, in the order input, events, outbound.
class RecordWriter {
 public:
  // `memory` is aligned to 8 and outlives the writer.
  explicit RecordWriter(std::span<std::byte> memory) : memory_(memory) {
    PORTCULLIS_CHECK(memory.size() >= sizeof(RecordHeader), "no room for a record");
  }

  void begin(InputKind kind, order::SessionId session, std::uint32_t sequence_epoch, UtcTime now,
             std::uint64_t inbound_seq, std::string_view input) {
    header_ = RecordHeader{kind, 0, session, sequence_epoch, now.ns(), inbound_seq,
                           static_cast<std::uint32_t>(input.size()), 0, 0, 0};
    size_ = sizeof(RecordHeader);
    append(input.data(), input.size());
  }
  void set_flag(std::uint8_t flag) { header_.flags |= flag; }
  // Facts of the machine that a decision may rest on; before the events.
  void set_facts(bool low_space, std::uint64_t slow_lines) {
    if (low_space) header_.flags |= kLowSpace;
    if (slow_lines == 0) return;
    header_.flags |= kSlowLines;
    append(&slow_lines, sizeof slow_lines);
  }
  void set_inbound(std::uint32_t sequence_epoch, std::uint64_t seq) {
    header_.sequence_epoch = sequence_epoch;
    header_.inbound_seq = seq;
  }

  // Where the events go; call end_events with the writer when all are in.
  order::EventWriter events() {
    return order::EventWriter(memory_.data() + size_, memory_.size() - size_);
  }
  void end_events(const order::EventWriter& events) {
    header_.events_size = static_cast<std::uint32_t>(events.size());
    size_ += events.size();
  }

  // Room for one outbound message of at most `max_size` bytes; the text goes straight into the record.
  char* begin_outbound(std::size_t max_size) {
    PORTCULLIS_CHECK(size_ + sizeof(OutboundHeader) + padded(max_size) + kWord <= memory_.size(),
                     "outbound outgrows its record");
    return reinterpret_cast<char*>(memory_.data() + size_ + sizeof(OutboundHeader));
  }
  void end_outbound(order::SessionId session, bool admin, std::uint32_t sequence_epoch, std::uint64_t msg_seq_num,
                    std::size_t size) {
    const OutboundHeader header{session, static_cast<std::uint8_t>(admin ? 1 : 0), 0, sequence_epoch, msg_seq_num,
                                static_cast<std::uint32_t>(size), 0};
    std::memcpy(memory_.data() + size_, &header, sizeof header);
    clear_behind(size_ + sizeof header + size);
    const std::size_t whole = sizeof header + padded(size);
    size_ += whole;
    header_.outbound_size += static_cast<std::uint32_t>(whole);
    ++header_.outbound_count;
  }
  void add_outbound(order::SessionId session, bool admin, std::uint32_t sequence_epoch, std::uint64_t msg_seq_num,
                    std::string_view bytes) {
    std::memcpy(begin_outbound(bytes.size()), bytes.data(), bytes.size());
    end_outbound(session, admin, sequence_epoch, msg_seq_num, bytes.size());
  }

  // Writes the header; the content is complete. Returns its size.
  std::size_t finish() {
    std::memcpy(memory_.data(), &header_, sizeof header_);
    return size_;
  }
  std::span<const std::byte> content() const { return memory_.first(size_); }

 private:
  static constexpr std::size_t kWord = 8;

  void append(const void* data, std::size_t size) {
    if (size == 0) return;
    PORTCULLIS_CHECK(size_ + padded(size) + kWord <= memory_.size(), "input outgrows its record");
    std::memcpy(memory_.data() + size_, data, size);
    clear_behind(size_ + size);
    size_ += padded(size);
  }
  // What a part leaves of its last eight bytes is zero. So is some of what comes behind it, until it is written.
  void clear_behind(std::size_t end) { std::memset(memory_.data() + end, 0, kWord); }

  std::span<std::byte> memory_;
  RecordHeader header_{};
  std::size_t size_ = 0;
};

struct OutboundView {
  OutboundHeader header;
  std::string_view bytes;
};

// A record's content as read back; checks all bounds, since it may come from a damaged disk.
class RecordView {
 public:
  // Nothing when the content is malformed.
  static std::optional<RecordView> parse(std::span<const std::byte> content) {
    RecordView view;
    if (content.size() < sizeof(RecordHeader)) return std::nullopt;
    std::memcpy(&view.header_, content.data(), sizeof(RecordHeader));
    const RecordHeader& h = view.header_;
    const std::size_t events = events_at(h);
    const std::size_t expected = events + std::size_t{h.events_size} + std::size_t{h.outbound_size};
    if (expected != content.size() || h.events_size % 8 != 0 || h.outbound_size % 8 != 0) return std::nullopt;
    view.input_ = content.subspan(sizeof(RecordHeader), h.input_size);
    view.events_ = content.subspan(events, h.events_size);
    view.outbound_ = content.subspan(events + h.events_size, h.outbound_size);
    if ((h.flags & kSlowLines) != 0) {
      std::memcpy(&view.slow_lines_, content.data() + events - sizeof view.slow_lines_, sizeof view.slow_lines_);
    }
    std::uint32_t count = 0;
    if (!view.for_each_outbound([&](const OutboundView&) { ++count; }) || count != h.outbound_count) return std::nullopt;
    bool whole = true;
    const bool reads = order::for_each_event(
        view.events_, [&whole](const order::EventView& event) { whole = whole && order::is_whole(event); });
    if (!reads || !whole) return std::nullopt;
    return view;
  }

  const RecordHeader& header() const { return header_; }
  UtcTime time() const { return UtcTime::from_ns(header_.time_ns); }
  std::string_view input() const { return {reinterpret_cast<const char*>(input_.data()), input_.size()}; }
  std::span<const std::byte> events() const { return events_; }
  // Bit by BrokerId, of the first 64: did not read what we sent when this was decided.
  std::uint64_t slow_lines() const { return slow_lines_; }

  template <typename Visitor>
  bool for_each_event(Visitor&& visit) const {
    return order::for_each_event(events_, std::forward<Visitor>(visit));
  }
  template <typename Visitor>
  bool for_each_outbound(Visitor&& visit) const {
    std::span<const std::byte> rest = outbound_;
    while (!rest.empty()) {
      OutboundView view;
      if (rest.size() < sizeof(OutboundHeader)) return false;
      std::memcpy(&view.header, rest.data(), sizeof(OutboundHeader));
      if (padded(view.header.size) > rest.size() - sizeof(OutboundHeader)) return false;
      view.bytes = {reinterpret_cast<const char*>(rest.data() + sizeof(OutboundHeader)), view.header.size};
      visit(view);
      rest = rest.subspan(sizeof(OutboundHeader) + padded(view.header.size));
    }
    return true;
  }

 private:
  RecordHeader header_{};
  std::uint64_t slow_lines_ = 0;
  std::span<const std::byte> input_;
  std::span<const std::byte> events_;
  std::span<const std::byte> outbound_;
};

// The content of a journal's record, or why it is none that this program can read.
Result<RecordView> read_record(std::uint32_t content_version, std::span<const std::byte> content);

}  // namespace portcullis::gateway
