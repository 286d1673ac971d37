#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/decimal.h"
#include "base/time.h"
#include "sim/broker_model.h"
#include "sim/message.h"

// A simulated trader as a pure model: it places a deterministic mix of orders, follows each to its end, and checks
// every report against the ones before it. No clock, no I/O; one thread.

namespace portcullis::sim {

struct ClientModelSettings {
  std::string version;                // FIX.4.2 or FIX.4.4
  std::string id_prefix;              // ClOrdIDs start with it; unique over all clients and starts
  std::vector<std::string> accounts;  // Account(1), in turn; empty: not sent
  std::vector<std::string> symbols;   // in turn
  std::uint64_t seed = 1;
  Duration patience = Duration::seconds(2);  // before drain() cancels an order, and cancels it again
  bool with_silence = false;                 // some orders that the broker does not answer until it is asked
};

struct ClientCounts {
  std::int64_t orders = 0;
  std::int64_t acknowledged = 0;  // the client got any answer that is no rejection
  std::int64_t rejected = 0;
  std::int64_t filled = 0;
  std::int64_t cancelled = 0;
  std::int64_t replaced = 0;  // replaces that took effect
  std::int64_t open = 0;      // acknowledged and not at an end
  std::int64_t unanswered = 0;
  std::int64_t executions = 0;
  std::int64_t violations = 0;
};

class ClientModel {
 public:
  explicit ClientModel(ClientModelSettings settings);

  // The next order of the mix.
  void place(const Moment& now, std::vector<Message>& out);
  // An order of exactly this quantity, whose last digit chooses the broker's Behaviour; without a follow-up.
  void place(Quantity quantity, const Moment& now, std::vector<Message>& out);
  // The session numbered one of our messages, so that a Reject(3) or BusinessMessageReject(j) can be traced.
  void on_sent(const Message& message, long seq);
  // `violations` gets one text for each contradiction.
  void on_message(const Message& message, const Moment& now, std::vector<Message>& out,
                  std::vector<std::string>& violations);
  // Sends the cancels and replaces that are due; call it at next_due().
  void on_timer(const Moment& now, std::vector<Message>& out);
  std::optional<SteadyTime> next_due() const;
  // From now on: every open order is cancelled, again when nothing came of it in time, at most 10 times.
  void drain(const Moment& now);
  // Ends what drain() began.
  void resume();

  // Orders that are not at an end: resting or unanswered.
  std::size_t not_ended() const { return not_ended_; }
  ClientCounts counts() const;

 private:
  static constexpr int kMaxDrainCancels = 10;

  enum class Plan : std::uint8_t { kNone, kCancel, kCancelWhenFilled, kReplace, kCancelUnanswered };
  struct Execution {
    Quantity quantity;
    Price price;
    bool busted = false;
  };
  struct Order {
    std::string root;       // the ClOrdID of its NewOrderSingle
    std::string cl_ord_id;  // the last accepted one
    std::string order_id;   // OrderID(37) of the other side
    std::string account, symbol;
    char side = '1';
    char ord_type = '2';
    char time_in_force = '0';
    Quantity quantity;
    Price price;
    std::map<std::string, Execution> executions;  // by ExecID(17)
    Plan plan = Plan::kNone;
    char status = 0;  // OrdStatus(39); 0: no answer yet
    bool acknowledged = false;
    bool replaced = false;
    std::string request;  // the ClOrdID of the cancel or replace under way
    struct Terms {
      Quantity quantity;
      Price price;
    };
    std::map<std::string, Terms> replaces;  // what each replace that was sent asks for, by its ClOrdID
    int requests = 0;
    int drain_cancels = 0;
  };

  bool fix42() const { return settings_.version == "FIX.4.2"; }
  std::uint64_t random();
  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random() % below); }
  static bool ended(const Order& order);
  void set_status(Order& order, char status);

  Order& add(Quantity quantity);
  void send_new(Order& order, const Moment& now, std::vector<Message>& out);
  Message request(Order& order, const char* type, const Moment& now);
  void send_cancel(Order& order, const Moment& now, std::vector<Message>& out);
  void send_replace(Order& order, const Moment& now, std::vector<Message>& out);
  void at(const Order& order, SteadyTime when);
  void follow_up(Order& order, const Moment& now, const Message& message);

  Order* find(const Message& message);
  void on_report(const Message& message, const Moment& now, std::vector<std::string>& violations);
  void on_cancel_reject(const Message& message, const Moment& now, std::vector<std::string>& violations);
  void on_refused_message(const Message& message);
  void book(Order& order, const Message& message, std::vector<std::string>& violations);
  static void check(const Order& order, const Message& message, std::vector<std::string>& violations);

  ClientModelSettings settings_;
  std::uint64_t random_state_;
  std::deque<Order> orders_;
  std::unordered_map<std::string, std::size_t> by_cl_ord_id_;
  std::unordered_map<long, std::string> sent_;  // ClOrdID by our MsgSeqNum
  std::unordered_set<std::string> exec_ids_;
  std::multimap<SteadyTime, std::size_t> due_;
  bool draining_ = false;
  std::size_t not_ended_ = 0;
  std::int64_t violations_ = 0;
  std::int64_t replaced_ = 0;
};

}  // namespace portcullis::sim
