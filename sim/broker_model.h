#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "sim/json_log.h"
#include "sim/message.h"

// A simulated broker as a pure model: messages and the time in, messages out. It keeps a book of its own and
// computes OrdStatus(39), CumQty(14), LeavesQty(151) and AvgPx(6) itself, by the FIX order state matrices, in
// FIX 4.2 (ExecTransType(20), ExecType(150) 1 and 2) and 4.4 (ExecType F, H, I). No clock, no I/O; one thread.

namespace portcullis::sim {

// What the broker does with an order. The number is the last digit of the order's whole OrderQty(38) under the script
// "mixed" (10'003 is rejected), so that whoever sends the order chooses its fate, through any gateway.
enum class Behaviour : std::uint8_t {
  kFill = 0,             // New, then one fill of everything 10 ms later
  kPartial = 1,          // New, then three fills, 30 ms apart, the first two at better prices
  kRest = 2,             // New, then nothing: rests until it is cancelled or replaced
  kReject = 3,           // ExecType 8
  kDelay = 4,            // nothing for 300 ms, then New and one fill
  kPartialThenRest = 5,  // New, half of it filled, the rest rests; a cancel is first reported pending (150=6)
  kBust = 6,             // filled in two halves; 100 ms later the first is cancelled (bust), then filled again
  kSilence = 7,          // no answer at all, but to a status request, a mass status request or a cancel
  kTooLate = 8,          // rests; a cancel finds it filled: the fill, then OrderCancelReject 102=0
  kReplaceRefused = 9,  // rests; a replace is refused (OrderCancelReject 434=2 102=99, in 4.2 102=0), a cancel accepted
};

// A script's name: "mixed" (by the digit), or one behaviour for all: fill, partial, ack, reject, delay,
// partial-then-rest, bust, silence, too-late, replace-refused.
struct Script {
  std::optional<Behaviour> all;  // nothing: by the digit
};
std::optional<Script> parse_script(std::string_view name);
Behaviour behaviour_of(Quantity order_qty);

struct Moment {
  SteadyTime steady;
  UtcTime utc;
};

struct BrokerModelSettings {
  std::string version;    // FIX.4.2 or FIX.4.4
  std::string id_prefix;  // OrderIDs and ExecIDs start with it; must differ between starts
  Script script;
};

class BrokerModel {
 public:
  explicit BrokerModel(BrokerModelSettings settings) : settings_(std::move(settings)) {}

  void on_message(const Message& message, const Moment& now, std::vector<Message>& out);
  // Does what is due; call it at next_due().
  void on_timer(const Moment& now, std::vector<Message>& out);
  std::optional<SteadyTime> next_due() const;

  // Rebuilds the book from the log of the earlier runs, without the lines whose "out" was voided, then answers what
  // was received and never answered. Call it once, before anything else.
  void restore(const std::vector<LogLine>& lines, const Moment& now, std::vector<Message>& out);

  std::size_t orders() const { return orders_.size(); }

 private:
  static constexpr std::size_t kMaxOrders = 1'000'000;  // more are rejected

  struct Execution {
    std::string exec_id;
    Quantity quantity;
    Price price;
    bool busted = false;
  };
  struct Request {  // a cancel or replace that was reported pending
    std::string cl_ord_id;
    bool replace = false;
    Quantity quantity;
    std::optional<Price> price;
  };
  struct Order {
    Message terms;  // the NewOrderSingle, for the fields that reports repeat
    std::string order_id;
    std::string cl_ord_id;  // the last accepted one
    Behaviour behaviour = Behaviour::kFill;
    Quantity quantity;
    std::optional<Price> price;
    std::vector<Execution> executions;
    std::optional<Request> pending;
    bool acknowledged = false;
    bool replaced = false;
    bool busted = false;
    char over = 0;  // OrdStatus(39) 4 or 8 once cancelled or rejected
    std::uint32_t generation = 0;
  };
  struct Due {
    std::size_t order;
    std::uint32_t generation;
  };

  bool fix42() const { return settings_.version == "FIX.4.2"; }
  Order* find(const std::string& cl_ord_id);
  static Quantity cum_qty(const Order& order);
  static Quantity leaves_qty(const Order& order);
  static Price avg_px(const Order& order);
  char ord_status(const Order& order) const;
  static Price fill_price(const Order& order);

  Order& book(const Message& message, Quantity quantity);
  void new_order(const Message& message, const Moment& now, std::vector<Message>& out);
  void cancel(const Message& message, const Moment& now, std::vector<Message>& out);
  void replace(const Message& message, const Moment& now, std::vector<Message>& out);
  void complete(Order& order, const Request& request, const Moment& now, std::vector<Message>& out);
  void order_status(const Message& message, const Moment& now, std::vector<Message>& out);
  void mass_status(const Message& message, const Moment& now, std::vector<Message>& out);

  void acknowledge(Order& order, const Moment& now, std::vector<Message>& out);
  void fill(Order& order, Quantity quantity, const Moment& now, std::vector<Message>& out);
  void bust(Order& order, const Moment& now, std::vector<Message>& out);
  void step(Order& order, const Moment& now, std::vector<Message>& out);
  void schedule(Order& order, const Moment& now);
  static std::optional<Duration> delay_of_next_step(const Order& order);

  Message report(const Order& order, char exec_type, const Moment& now);
  Message status_report(const Order& order, const Moment& now);
  Message unknown_order_status(const Message& request, const Moment& now);
  void reject_order(const Message& message, const std::string& reason, const std::string& text, const Moment& now,
                    std::vector<Message>& out);
  Message cancel_reject(const Message& request, const Order* order, int reason, const std::string& text,
                        const Moment& now);
  void apply_own_report(const Message& message);

  BrokerModelSettings settings_;
  std::deque<Order> orders_;
  std::unordered_map<std::string, std::size_t> by_cl_ord_id_;
  std::unordered_map<std::string, std::size_t> by_order_id_;
  std::multimap<SteadyTime, Due> due_;
  std::uint64_t last_order_ = 0;
  std::uint64_t last_exec_ = 0;
};

}  // namespace portcullis::sim
