#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "gateway/core.h"
#include "gateway/record.h"

// The core by itself: messages in as text with '|' for SOH, messages out as tag/value maps. Numbers, times
// and checksums are the fixture's business. Sessions are logged on and brokers open from the start.

namespace portcullis::gateway::testing {

// A message that the core sent.
struct Sent {
  std::string session;  // the configuration's id of the client or broker
  std::string bytes;
  std::map<int, std::string> fields;  // the first of each tag

  std::string operator[](int tag) const {
    const auto found = fields.find(tag);
    return found == fields.end() ? std::string() : found->second;
  }
  std::string type() const { return (*this)[35]; }
};

// The reference configuration's meaning, small: client alpha (FIX.4.4) and beta (FIX.4.2); brokers
// northbank (FIX.4.4), then southbank (FIX.4.2); EUR/USD and GBP/USD to both, USD/JPY to southbank.
config::Config small_configuration();

class Gateway {
 public:
  // `text`: of the configuration, as its record keeps it; for tests that read it back.
  explicit Gateway(config::Config configuration = small_configuration(), std::string text = {});

  // A gateway of the same configuration and time whose core has the other's state from a snapshot of it. It is
  // where a process is that has recovered: restart() comes next.
  static Gateway recovered_from(const Gateway& other);
  // The same from the records of its journal since its very beginning, without a snapshot.
  static Gateway folded_from(const Gateway& other, const std::vector<std::vector<std::byte>>& records);
  // What a start of the process does on the state that it has recovered: a new epoch, the configuration.
  void restart();
  // The file that the next start reads.
  void configured_with(config::Config next) { configuration_ = std::move(next); }
  // The file is read again while all runs on: SIGHUP.
  void reload(config::Config next);

  // One inbound message, as `35=D|11=A|…`; what the core sends because of it.
  std::vector<Sent> from_client(std::string_view client, std::string_view body);
  std::vector<Sent> from_broker(std::string_view broker, std::string_view body);
  std::vector<Sent> command(const OperatorCommand& command);
  // Ticks until nothing is due.
  std::vector<Sent> pass(Duration time);
  std::vector<Sent> disconnect(std::string_view id, bool broker);
  std::vector<Sent> log_on(std::string_view id, bool broker);
  std::vector<Sent> drained(std::string_view broker);
  std::vector<Sent> session(std::string_view id, bool broker, const SessionEffects& effects);

  // The only message of this type in `sent`; fails the test when there is none or more.
  static Sent only(const std::vector<Sent>& sent, std::string_view msg_type);

  Core& core() { return *core_; }
  const State& state() const { return core_->state(); }
  UtcTime now() const { return now_; }
  // Every record so far, as the journal would hold it.
  const std::vector<std::vector<std::byte>>& records() const { return records_; }
  const Order& order(std::uint64_t number) const { return state().orders[OrderNumber(number)]; }
  CommandOutcome last_outcome() const { return outcome_; }

 private:
  Gateway(const Gateway& other, std::unique_ptr<Core> core);
  std::vector<Sent> handle(Input& input, std::size_t capacity = kRecordCapacity);
  std::vector<Sent> deliver(SessionId session, std::string_view body);
  SessionId session_of(std::string_view id, bool broker) const;

  config::Config configuration_;
  std::string text_;
  std::unique_ptr<Core> core_;
  UtcTime now_;
  std::vector<std::vector<std::byte>> records_;
  std::unique_ptr<std::uint64_t[]> memory_;  // of kConfigureCapacity, touched only where a record was
  CommandOutcome outcome_;
};

// `8=…|9=…|35=D|…|10=…|` from a body; SOH for '|'.
std::string frame(std::string_view begin_string, std::string_view sender, std::string_view target, std::uint64_t seq,
                  UtcTime now, std::string_view body);
Sent parse(std::string session, std::string_view bytes);

}  // namespace portcullis::gateway::testing
