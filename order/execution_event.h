#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "order/event.h"
#include "order/terms.h"
#include "order/types.h"

// The event of a broker's report. Most orders have two of them, and most of what one may say most do not say: so the
// journal holds a head, behind it the parts that this one has, and texts as long as they are.

namespace portcullis::order {

// A broker's report on an order of ours, already judged: the status it leads to is here, so that applying it needs no
// table. Also our own knowledge that takes the place of a report (a Reject(3) of the broker, two persons' resolution):
// then exec_id is empty, or an id of ours for an execution that two persons tell. Its time is the record's.
//
// This is the head. In the same payload follow, where `flags` say so and in this order: the ExecutionNumber that it
// refers to, a Trade, the Need that is reserved from now on, the Terms that hold from now on. Then exec_id,
// broker_order_id and text, one right behind the other; zero up to a multiple of 8. Read it by an ExecutionView.
struct ExecutionApplied {
  static constexpr EventType kType = EventType::kExecutionApplied;
  OrderNumber order;
  RequestNumber request;      // whose ClOrdID the report carries
  ExecutionNumber execution;  // ours: ExecID(17) to the client
  Quantity cum_after;
  Quantity leaves_after;
  BrokerId broker;
  ExecType exec_type;
  OrdStatus status_after;  // without pending cancel and pending replace
  std::uint8_t flags;
  std::uint8_t exec_id_size;
  std::uint8_t broker_order_id_size;
  std::uint8_t text_size;

  static constexpr std::uint8_t kApplied = 1;        // else repeated or status only: nothing changes
  static constexpr std::uint8_t kLate = 2;           // the order was over already
  static constexpr std::uint8_t kClosesRequest = 4;  // the request is answered and no longer pending
  static constexpr std::uint8_t kRefersTo = 8;
  static constexpr std::uint8_t kTrade = 16;
  static constexpr std::uint8_t kReserved = 32;  // without this and the next one: what was reserved stays so
  static constexpr std::uint8_t kReleased = 64;  // nothing is reserved any more
  static constexpr std::uint8_t kTerms = 128;    // replaced, restated

  bool applied() const { return (flags & kApplied) != 0; }
  bool late() const { return (flags & kLate) != 0; }
  bool closes_request() const { return (flags & kClosesRequest) != 0; }
};

// What a report says was traded, or is guaranteed (150=7), and what that comes to.
struct Trade {
  Quantity last_qty;
  Price last_px;
  std::int64_t value_high = 0;  // of the order: sum of LastQty * LastPx at 10^-11, upper and lower 64 bits
  std::uint64_t value_low = 0;
  Booking booking;

  Wide value() const { return Wide{value_high} << 64 | Wide{value_low}; }
  void set_value(Wide value) {
    value_high = static_cast<std::int64_t>(value >> 64);
    value_low = static_cast<std::uint64_t>(value);
  }
};

// An ExecutionApplied with all its parts, to be written. Texts are cut at what the event holds of them, and are the
// caller's until then.
struct ExecutionDraft {
  static constexpr std::size_t kMaxId = IdText::kCapacity;
  static constexpr std::size_t kMaxText = ReasonText::kCapacity;

  ExecutionApplied head = {};  // write() completes its flags, and knows the texts' sizes
  ExecutionNumber refers_to;   // the busted or corrected execution; else none
  std::optional<Trade> trade;
  Need reserved_after;
  std::optional<Terms> terms_after;  // replaced or restated
  std::string_view exec_id;          // the broker's
  std::string_view broker_order_id;  // 37 of the broker; empty: as it was
  std::string_view text;
};

// `reserved`: what the order reserves before this event.
void write(EventWriter& events, const ExecutionDraft& draft, const Need& reserved);

// An ExecutionApplied as it stands in a section of events, for as long as that does.
class ExecutionView {
 public:
  explicit ExecutionView(const EventView& event) : head_(&event.in_place<ExecutionApplied>()) {
    PORTCULLIS_CHECK(size_of(*head_) <= event.payload().size(), "an execution's event ends before its parts");
  }
  // Whether the event has all that its head says. Asked of bytes that nobody has checked; what the journal hands out was.
  static bool is_whole(const EventView& event) {
    return event.payload().size() >= sizeof(ExecutionApplied) &&
           size_of(event.in_place<ExecutionApplied>()) <= event.payload().size();
  }

  const ExecutionApplied* operator->() const { return head_; }

  ExecutionNumber refers_to() const {
    return has(ExecutionApplied::kRefersTo) ? *part<ExecutionNumber>(0) : ExecutionNumber::none();
  }
  // Null: nothing was traded, and the order's value is as it was.
  const Trade* trade() const {
    return has(ExecutionApplied::kTrade) ? part<Trade>(ExecutionApplied::kRefersTo) : nullptr;
  }
  // Null: they are as they were.
  const Terms* terms_after() const {
    constexpr auto kBefore = ExecutionApplied::kRefersTo | ExecutionApplied::kTrade | ExecutionApplied::kReserved;
    return has(ExecutionApplied::kTerms) ? part<Terms>(kBefore) : nullptr;
  }
  // `before`: what the order reserves before this event.
  Need reserved_after(const Need& before) const {
    if (has(ExecutionApplied::kReleased)) return Need{};
    constexpr auto kBefore = ExecutionApplied::kRefersTo | ExecutionApplied::kTrade;
    return has(ExecutionApplied::kReserved) ? *part<Need>(kBefore) : before;
  }
  // Zero where nothing was traded.
  Quantity last_qty() const { return trade() == nullptr ? Quantity() : trade()->last_qty; }
  Price last_px() const { return trade() == nullptr ? Price() : trade()->last_px; }
  const Booking& booking() const { return trade() == nullptr ? kNothing : trade()->booking; }

  std::string_view exec_id() const { return {texts(), head_->exec_id_size}; }
  std::string_view broker_order_id() const { return {texts() + head_->exec_id_size, head_->broker_order_id_size}; }
  std::string_view text() const {
    return {texts() + head_->exec_id_size + head_->broker_order_id_size, head_->text_size};
  }

 private:
  static constexpr Booking kNothing = {};
  // By the flags of what an event has: how many bytes the parts take.
  static constexpr std::array<std::uint8_t, 256> kSizeOfParts = [] {
    std::array<std::uint8_t, 256> sizes{};
    for (unsigned flags = 0; flags < sizes.size(); ++flags) {
      std::size_t size = 0;
      if ((flags & ExecutionApplied::kRefersTo) != 0) size += sizeof(ExecutionNumber);
      if ((flags & ExecutionApplied::kTrade) != 0) size += sizeof(Trade);
      if ((flags & ExecutionApplied::kReserved) != 0) size += sizeof(Need);
      if ((flags & ExecutionApplied::kTerms) != 0) size += sizeof(Terms);
      sizes[flags] = static_cast<std::uint8_t>(size);
    }
    return sizes;
  }();

  static std::size_t size_of(const ExecutionApplied& head) {
    return sizeof head + kSizeOfParts[head.flags] + head.exec_id_size + head.broker_order_id_size + head.text_size;
  }
  bool has(std::uint8_t flag) const { return (head_->flags & flag) != 0; }
  // `before`: the flags of the parts that stand before it.
  template <typename Part>
  const Part* part(unsigned before) const {
    return reinterpret_cast<const Part*>(behind_head() + kSizeOfParts[head_->flags & before]);
  }
  const char* texts() const { return behind_head() + kSizeOfParts[head_->flags]; }
  const char* behind_head() const { return reinterpret_cast<const char*>(head_ + 1); }

  const ExecutionApplied* head_;
};

}  // namespace portcullis::order
