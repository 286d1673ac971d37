#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/check.h"

// What was decided: the only things that change the state (gateway/apply.h), and what the journal
// keeps. Each is trivially copyable and has no padding, so that its bytes are its value; the layout is
// part of the journal's format (docs/journal.md): a changed layout is a new EventType, never an edit.
// Little-endian hosts only.

namespace portcullis::order {

// Each event's number, for good; the structures stand in order/*_events.h, order/governance.h, order/swap.h and
// order/evidence.h.
enum class EventType : std::uint16_t {
  kEpochStarted = 1,
  kNameAdded = 2,
  kSessionChanged = 3,
  kTargetAdvanced = 4,
  kSequenceReset = 5,
  kDecided = 10,
  kOrderAccepted = 11,
  kOrderRejected = 12,
  kOrderRouted = 13,
  kCancelRequested = 14,
  kReplaceRequested = 15,
  kRequestRefused = 16,
  kExecutionApplied = 17,
  kRequestRejected = 18,
  kOrderUnknown = 19,
  kReportSuspended = 20,
  kStatusAnswered = 21,
  kMessageRefused = 22,
  kStatusRequested = 23,
  kAlertRaised = 30,
  kAlertAcknowledged = 31,
  kScopeStateSet = 32,
  kQuoteSet = 33,
  kRateSet = 34,
  kLimitSet = 35,
  kDayRolled = 36,
  kHoldChanged = 37,
  kBrokerPhaseChanged = 38,
  kSessionEnabled = 39,
  kMassCancelStarted = 40,
  kClientGrouped = 50,
  kContractSized = 51,
  kControlLatched = 60,
  kControlRearmed = 61,
  kLimitLevelCrossed = 62,
  kBreakerTold = 63,
  kDriftWindowOpened = 64,
  kProposed = 70,
  kLimitProposed = 71,
  kProposalDecided = 72,
  kPositionAdjusted = 73,
  kMassCancelFinished = 74,
  kMassCancelEscalated = 75,
  kDrillAdvanced = 76,
  kAudited = 77,
  kBuildStarted = 80,
  kOperatorListed = 81,
  kExposureSampled = 82,
  kShadowDecided = 83,
  kMessagesWritten = 90,
  kReportsReissued = 91,
  kEntriesGivenBack = 110,
  kSwapReserved = 120,
  kSwapBooked = 121,
  kBrokerMassCancelRequested = 122,
};

struct EventHeader {
  EventType type;
  std::uint16_t reserved = 0;
  std::uint32_t size;  // of the payload, in bytes; a multiple of 8
};
static_assert(sizeof(EventHeader) == 8);

template <typename E>
concept EventPayload =
    std::is_trivially_copyable_v<E> && std::has_unique_object_representations_v<E> && sizeof(E) % 8 == 0 && requires {
  E::kType;
};

// Events are appended to memory that the caller lends: the events section of a journal record.
class EventWriter {
 public:
  EventWriter(std::byte* memory, std::size_t capacity) : begin_(memory), capacity_(capacity) {}

  template <EventPayload E>
  void add(const E& event) {
    write(event, {});
  }
  // An event that is followed by more of its own, as a Decided is by its checks.
  template <EventPayload E, typename Tail>
  void add_with_tail(const E& event, const Tail& tail) {
    write(event, std::as_bytes(std::span(tail)));
  }
  // Room for an event of `payload` bytes, a multiple of 8, whose head and parts the caller puts there.
  std::byte* add_parts(EventType type, std::size_t payload) {
    PORTCULLIS_CHECK(size_ + sizeof(EventHeader) + payload <= capacity_, "events outgrow their record");
    const EventHeader header{type, 0, static_cast<std::uint32_t>(payload)};
    std::memcpy(begin_ + size_, &header, sizeof header);
    std::byte* place = begin_ + size_ + sizeof header;
    size_ += sizeof header + payload;
    return place;
  }

  std::span<const std::byte> bytes() const { return {begin_, size_}; }
  std::size_t size() const { return size_; }
  std::size_t remaining() const { return capacity_ - size_; }

 private:
  template <EventPayload E>
  void write(const E& event, std::span<const std::byte> tail) {
    std::byte* place = add_parts(E::kType, sizeof(E) + tail.size());
    std::memcpy(place, &event, sizeof event);
    if (!tail.empty()) std::memcpy(place + sizeof event, tail.data(), tail.size());
  }

  std::byte* begin_;
  std::size_t capacity_;
  std::size_t size_ = 0;
};

// One event in a section.
class EventView {
 public:
  EventView(EventType type, std::span<const std::byte> payload) : type_(type), payload_(payload) {}

  EventType type() const { return type_; }
  std::span<const std::byte> payload() const { return payload_; }

  // A copy, from bytes wherever they stand.
  template <EventPayload E>
  E as() const {
    PORTCULLIS_CHECK(type_ == E::kType && payload_.size() >= sizeof(E), "event read as another type");
    E event;
    std::memcpy(&event, payload_.data(), sizeof event);
    return event;
  }
  // The event where it stands, for as long as the section does; that of a record is aligned to 8, as an event needs it.
  template <EventPayload E>
  const E& in_place() const {
    static_assert(alignof(E) <= 8);
    PORTCULLIS_CHECK(type_ == E::kType && payload_.size() >= sizeof(E), "event read as another type");
    PORTCULLIS_CHECK(reinterpret_cast<std::uintptr_t>(payload_.data()) % alignof(E) == 0, "an event out of its place");
    return *reinterpret_cast<const E*>(payload_.data());
  }
  // The checks behind a Decided.
  std::span<const std::byte> tail(std::size_t head) const { return payload_.subspan(head); }

 private:
  EventType type_;
  std::span<const std::byte> payload_;
};

// Calls visit(EventView) for each event; false when the section is malformed (journal bytes from disk).
template <typename Visitor>
bool for_each_event(std::span<const std::byte> section, Visitor&& visit) {
  while (!section.empty()) {
    EventHeader header;
    if (section.size() < sizeof header) return false;
    std::memcpy(&header, section.data(), sizeof header);
    if (header.size % 8 != 0 || header.size > section.size() - sizeof header) return false;
    visit(EventView(header.type, section.subspan(sizeof header, header.size)));
    section = section.subspan(sizeof header + header.size);
  }
  return true;
}

std::string_view to_string(EventType type);  // "OrderAccepted"

}  // namespace portcullis::order
