#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gateway/record.h"

namespace portcullis::persistence::testing {

// Records as a gateway would write them, made up: names, orders that are accepted, refused, replaced, cancelled,
// filled, busted and lost, a report in suspense, alerts and operators. A function of the number of orders alone.
class TradingDay {
 public:
  // Hands the content of each record to `write`.
  explicit TradingDay(std::function<void(std::span<const std::byte>)> write) : write_(std::move(write)) {}

  // Goes on elsewhere, some time later: a copy of a day that is written to a copy of its journal.
  void go_on(std::function<void(std::span<const std::byte>)> write, std::int64_t later_ns) {
    write_ = std::move(write);
    now_ns_ += later_ns;
  }

  void names();
  // One order's life; which one follows from its number.
  void order();
  std::uint64_t orders() const { return orders_; }

 private:
  using Events = std::function<void(order::EventWriter&)>;
  void record(gateway::InputKind kind, std::string_view input, const Events& events);
  order::OrderIdentity identity() const;
  order::Terms terms() const;
  // A report of the newest order's broker, whose ids are this day's until the next one.
  order::ExecutionDraft execution(order::ExecType type, order::OrdStatus status);
  void report(const order::ExecutionDraft& execution);

  std::function<void(std::span<const std::byte>)> write_;
  std::vector<std::byte> memory_ = std::vector<std::byte>(gateway::kRecordCapacity);
  std::int64_t now_ns_ = 1'764'000'000'000'000'000;
  std::uint64_t orders_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t executions_ = 0;
  std::uint64_t decisions_ = 0;
  std::uint64_t alerts_ = 0;
  std::string exec_id_;          // of the newest report
  std::string broker_order_id_;
};

}  // namespace portcullis::persistence::testing
