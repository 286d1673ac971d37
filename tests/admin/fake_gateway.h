#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "admin/port.h"
#include "admin/server.h"

namespace portcullis::admin {

// A gateway made of tables, for the tests of the server and of the console: two sessions, some orders
// and executions, exposures, limits, alerts. Commands act on the tables and are journaled by number.
// Any thread may call it.
class FakeGateway : public Views, public History, public Commands, public Audit {
 public:
  FakeGateway();

  // Views
  GatewayView gateway() override;
  HealthView health() override;
  std::vector<SessionView> sessions() override;
  std::vector<ExposureView> exposures(const std::string& scope, const std::string& id) override;
  std::vector<LimitsView> limits() override;
  std::vector<AlertView> alerts() override;
  std::vector<KillView> kills() override;
  std::vector<ProposalView> proposals() override;
  std::vector<MassCancelView> mass_cancels() override;
  std::vector<MetricView> metrics() override;

  // History
  HistoryResult<Page<OrderRow>> orders(const HistoryFilter& filter) override;
  HistoryResult<std::optional<OrderDetail>> order(const std::string& order_id) override;
  HistoryResult<Page<ExecutionRow>> executions(const HistoryFilter& filter) override;
  HistoryResult<Page<DecisionRow>> decisions(const HistoryFilter& filter) override;
  HistoryResult<Changes> changes(std::uint64_t after, std::uint32_t limit) override;
  std::vector<ReportInfo> reports() override;
  HistoryResult<ReportTable> report(const ReportRequest& request) override;

  // Commands
  void submit(Command command, Authority authority, Done done) override;

  // Audit
  void write(const AuditLine& line) override;

  // For the tests.
  void add_order(const std::string& order_id, const std::string& text);
  void fill_order(const std::string& order_id, Quantity last_qty, Price last_px);
  void set_session_state(const std::string& id, const std::string& state, const std::string& reason);
  void set_alerts(std::vector<AlertView> alerts);
  void decide(std::uint64_t in_4us, std::uint64_t in_1ms);  // so many decisions more, by how long they took
  void set_core_silent(bool silent);  // commands are never answered
  void set_blotter_away(bool away);   // history is unavailable
  std::vector<AuditLine> audit_lines();
  std::vector<std::pair<Command, Authority>> commands();

 private:
  // A change that waits, as the tables know it.
  struct Waiting {
    ProposalView view;
    Command command;
    Authority maker;
  };
  CommandResult apply(const Command& command, const Authority& authority, const std::string& second_user);
  ProposalView propose(const Command& command, const Authority& authority, const std::string& why);
  CommandResult decide(const DecideProposal& decision, const Authority& authority);
  CommandResult done(std::string text);

  std::mutex mutex_;
  std::vector<SessionView> sessions_;
  std::vector<OrderRow> orders_;  // oldest first
  std::vector<ExecutionRow> executions_;
  std::vector<DecisionRow> decisions_;
  std::vector<ExposureView> exposures_;
  std::vector<LimitsView> limits_;
  std::vector<AlertView> alerts_;
  std::map<std::string, KillView> kills_;
  std::vector<Waiting> proposals_;
  std::vector<AuditLine> audit_;
  std::vector<std::pair<Command, Authority>> commands_;
  std::uint64_t journal_index_ = 100;
  bool core_silent_ = false;
  std::array<std::uint64_t, 2> decided_ = {};  // in 4 µs, in 1 ms
  bool blotter_away_ = false;
};

// viewer, ops, risk1, risk2 and root with the tokens "NAME-token-0123456789".
ServerOptions test_options();
std::string token_of(const std::string& user);

}  // namespace portcullis::admin
