#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "admin/dispatcher.h"

namespace portcullis::admin {

// What every console is told. Messages are JSON texts:
//
//   {"topic":"sessions","snapshot":true,"rows":[…]}        once, after the token was accepted
//   {"topic":"sessions","rows":[…],"removed":["key"]}      rows that changed, whole; keys that are gone
//   {"topic":"orders","rows":[…]}                          orders and executions: only what changes
//   {"topic":"orders","resync":true}                       read them by REST: at the start, and when more
//                                                          changed than can be shown
//
// Topics: gateway, health, counters, stages, sessions, exposures, alerts, kills, proposals (keyed, compared with
// what was sent last) and orders, executions (from the blotter, by journal index). Between two looks, many
// changes of one row are one: load on the gateway does not become load on the consoles. While nobody
// listens, nothing is asked. Admin thread only.
class StreamFeed {
 public:
  class Subscriber {
   public:
    virtual ~Subscriber() = default;
    virtual void send(std::shared_ptr<const std::string> message) = 0;
  };

  StreamFeed(boost::asio::io_context& io, Dispatcher& dispatcher, std::uint32_t period_ms);

  // The subscriber gets the snapshots at once; it outlives its subscription.
  void subscribe(Subscriber* subscriber);
  void unsubscribe(Subscriber* subscriber);

 private:
  struct Topic {
    std::string name;
    std::map<std::string, std::string> rows;  // by key, as JSON
  };
  using Rows = std::vector<std::pair<std::string, std::string>>;

  void look();
  void look_at_views();
  void look_at_history();
  void update(Topic& topic, Rows rows);
  void broadcast(std::string message);
  void arm();
  static std::string snapshot_of(const Topic& topic);

  static constexpr std::uint32_t kMaxChanges = 500;

  Dispatcher& dispatcher_;
  const std::uint32_t period_ms_;
  boost::asio::steady_timer timer_;
  std::set<Subscriber*> subscribers_;
  std::vector<Topic> topics_;
  bool running_ = false;
  bool history_asked_ = false;
  bool has_index_ = false;
  std::uint64_t index_ = 0;  // the journal index up to which orders and executions were told
};

}  // namespace portcullis::admin
