#include "tests/admin/fake_gateway.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

namespace portcullis::admin {

namespace {

UtcTime now() {
  return UtcTime::from_ns(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

Quantity quantity(const char* text) {
  return *Quantity::parse(text);
}
Price price(const char* text) {
  return *Price::parse(text);
}
Amount amount(const char* text) {
  return *Amount::parse(text);
}

CommandResult refused(CommandResult::Outcome outcome, std::string text) {
  return {outcome, std::move(text), 0, {}};
}

int severity(const std::string& state) {
  const std::vector<std::string> order = {"active", "reduce_only", "block_new", "cancel", "killed"};
  return static_cast<int>(std::find(order.begin(), order.end(), state) - order.begin());
}

// The rows of one page, newest first; the cursor is the number of rows before it.
template <typename Row, typename Matches>
HistoryResult<Page<Row>> page_of(const std::vector<Row>& rows, const HistoryFilter& filter, Matches matches) {
  std::size_t skip = 0;
  for (const char c : filter.cursor) {
    if (c < '0' || c > '9' || filter.cursor.size() > 6) {
      return HistoryError{HistoryError::Kind::kBadCursor, "the cursor is not one that a page gave"};
    }
    skip = skip * 10 + static_cast<std::size_t>(c - '0');
  }
  Page<Row> page;
  std::size_t seen = 0;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if (!matches(*row) || ++seen <= skip) continue;
    if (page.rows.size() == filter.limit) {
      page.next_cursor = std::to_string(skip + filter.limit);
      break;
    }
    page.rows.push_back(*row);
  }
  return page;
}

template <typename Row>
bool matches_common(const Row& row, const HistoryFilter& filter) {
  return (filter.client.empty() || filter.client == row.client) &&
         (filter.account.empty() || filter.account == row.account) &&
         (filter.order_id.empty() || filter.order_id == row.order_id);
}

}  // namespace

FakeGateway::FakeGateway() {
  SessionView alpha;
  alpha.id = "alpha";
  alpha.role = "client";
  alpha.version = "FIX.4.4";
  alpha.state = "up";
  alpha.comp_id = "ALPHA";
  alpha.gateway_comp_id = "PORTCULLIS";
  alpha.address = "127.0.0.1:51544";
  alpha.next_sender_seq = 1532;
  alpha.next_target_seq = 1498;
  alpha.since = now();
  SessionView north = alpha;
  north.id = "northbank";
  north.role = "broker";
  north.comp_id = "NORTHBANK";
  north.address = "127.0.0.1:9901";
  SessionView south = north;
  south.id = "southbank";
  south.version = "FIX.4.2";
  south.comp_id = "SOUTHBANK";
  south.state = "down";
  south.reason = "connection refused by 127.0.0.1:9903; trying again in 4 s";
  alpha.listen = "127.0.0.1:9880";
  sessions_ = {alpha, north, south};

  for (const char* id : {"ALPHA-1", "ALPHA-2"}) {
    ExposureView exposure;
    exposure.scope = "account";
    exposure.id = id;
    exposure.state = "active";
    exposure.open_orders = 3;
    exposure.gross_open_notional = amount("6640500");
    exposure.traded_notional = amount("22417300.5");
    exposure.net_open_position = amount("5505000");
    exposure.instruments = {{"EUR/USD", quantity("5000000"), quantity("1000000"), quantity("0")},
                            {"USD/JPY", quantity("-2000000"), quantity("0"), quantity("250000")}};
    exposure.currencies = {{"EUR", amount("5000000"), amount("1000000"), amount("0")},
                           {"USD", amount("-5505000"), amount("0"), amount("1101000")}};
    exposure.settlement = {{*Date::parse_iso("2026-11-24"), amount("5505000")}};
    exposures_.push_back(exposure);
  }
  ExposureView firm = exposures_.front();
  firm.scope = "firm";
  firm.id = "firm";
  exposures_.push_back(firm);
  ExposureView instrument = exposures_.front();
  instrument.scope = "instrument";
  instrument.id = "EUR/USD";
  exposures_.push_back(instrument);

  LimitsView limits;
  limits.scope = "account";
  limits.id = "ALPHA-1";
  limits.version = 7;
  limits.limits = {{"max_order_quantity", "10000000", std::nullopt, true},
                   {"max_gross_open_notional", "500000000", "6640500", true},
                   {"order_types", std::vector<std::string>{"market", "limit"}, std::nullopt, true},
                   {"duplicate_orders", CountPerSeconds{5, 1}, std::nullopt, false}};
  limits_ = {limits};
  alerts_ = {{"A1", "critical", "unknown_order", "LDN1-1-9", "order LDN1-1-9 is UNKNOWN: southbank went away", now(),
              "", std::nullopt}};

  add_order("LDN1-1-1", "");
  add_order("LDN1-1-2", "<img src=x onerror=\"window.hacked=1\">");
  fill_order("LDN1-1-1", quantity("400000"), price("1.09985"));
  DecisionRow decision;
  decision.decision = 3;
  decision.journal_index = ++journal_index_;
  decision.msg_type = "D";
  decision.session = "alpha";
  decision.symbol = "EUR/USD";
  decision.side = "buy";
  decision.order_qty = quantity("10000001");
  decision.code = "max_quantity";
  decision.control = "B1";
  decision.tightest = {{"B1", "account", "ALPHA-1", "100.1"}};
  decision.quote_age = Duration::seconds(2);
  decision.message_hash = "0123456789abcdef";
  decision.time = now();
  decision.client = "alpha";
  decision.account = "ALPHA-1";
  decision.cl_ord_id = "c-3";
  decision.outcome = "rejected";
  decision.text = "RISK-B1 max_order_quantity";
  decision.checks = {{"B1", "max_order_quantity", "account", "ALPHA-1", "", "10000001", "10000000", false}};
  decision.decisive = decision.checks.front();
  decisions_ = {decision};
}

GatewayView FakeGateway::gateway() {
  return {"LDN1", "0.1.0", "disk", "USD", UtcTime::from_ns(1'795'000'000'000'000'000)};
}

HealthView FakeGateway::health() {
  const std::lock_guard lock(mutex_);
  HealthView health;
  health.ready = true;
  for (const SessionView& session : sessions_) {
    if (session.state != "up") health.reasons.push_back("session " + session.id + " is " + session.state);
  }
  return health;
}

std::vector<SessionView> FakeGateway::sessions() {
  const std::lock_guard lock(mutex_);
  return sessions_;
}

std::vector<ExposureView> FakeGateway::exposures(const std::string& scope, const std::string& id) {
  const std::lock_guard lock(mutex_);
  std::vector<ExposureView> found;
  for (ExposureView exposure : exposures_) {
    if (exposure.scope != (scope.empty() ? "account" : scope) || (!id.empty() && exposure.id != id)) continue;
    if (const auto kill = kills_.find(exposure.scope + " " + exposure.id); kill != kills_.end()) {
      exposure.state = kill->second.state;
    }
    found.push_back(exposure);
  }
  return found;
}

std::vector<LimitsView> FakeGateway::limits() {
  const std::lock_guard lock(mutex_);
  return limits_;
}

std::vector<AlertView> FakeGateway::alerts() {
  const std::lock_guard lock(mutex_);
  return alerts_;
}

std::vector<KillView> FakeGateway::kills() {
  const std::lock_guard lock(mutex_);
  std::vector<KillView> all;
  for (const auto& [key, kill] : kills_) all.push_back(kill);
  return all;
}

namespace {
// Of what took up to 4 µs, and what took up to 1 ms.
std::vector<MetricView::Bucket> stage_buckets(const std::array<std::uint64_t, 2>& counts) {
  return {{2e-6, 0},
          {4e-6, counts[0]},
          {500e-6, counts[0]},
          {1e-3, counts[0] + counts[1]},
          {std::numeric_limits<double>::infinity(), counts[0] + counts[1]}};
}
}  // namespace

std::vector<MetricView> FakeGateway::metrics() {
  const std::lock_guard lock(mutex_);
  return {{"portcullis_orders_total",
           "Orders accepted",
           MetricView::Kind::kCounter,
           {{{{"client", "alpha"}}, static_cast<double>(orders_.size()), {}}}},
          {"portcullis_executions_total",
           "Executions",
           MetricView::Kind::kCounter,
           {{{}, static_cast<double>(executions_.size()), {}}}},
          {"portcullis_stage_seconds",
           "Time of the stages",
           MetricView::Kind::kHistogram,
           {{{{"stage", "decide"}}, 0.002, stage_buckets(decided_)}, {{{"stage", "journal"}}, 0, stage_buckets({})}}}};
}

void FakeGateway::decide(std::uint64_t in_4us, std::uint64_t in_1ms) {
  const std::lock_guard lock(mutex_);
  decided_[0] += in_4us;
  decided_[1] += in_1ms;
}

HistoryResult<Page<OrderRow>> FakeGateway::orders(const HistoryFilter& filter) {
  const std::lock_guard lock(mutex_);
  if (blotter_away_) return HistoryError{HistoryError::Kind::kUnavailable, "the blotter does not answer"};
  return page_of(orders_, filter, [&](const OrderRow& row) {
    return matches_common(row, filter) && (filter.symbol.empty() || filter.symbol == row.symbol) &&
           (!filter.open_only || row.open);
  });
}

HistoryResult<std::optional<OrderDetail>> FakeGateway::order(const std::string& order_id) {
  const std::lock_guard lock(mutex_);
  for (const OrderRow& row : orders_) {
    if (row.order_id != order_id) continue;
    OrderDetail detail{row, {}, {}};
    detail.chain = {{"new", row.cl_ord_id, "", "accepted", row.order_qty, row.price, row.entered}};
    for (const ExecutionRow& execution : executions_) {
      if (execution.order_id == order_id) detail.executions.push_back(execution);
    }
    return std::optional<OrderDetail>(detail);
  }
  return std::optional<OrderDetail>();
}

HistoryResult<Page<ExecutionRow>> FakeGateway::executions(const HistoryFilter& filter) {
  const std::lock_guard lock(mutex_);
  return page_of(executions_, filter, [&](const ExecutionRow& row) { return matches_common(row, filter); });
}

HistoryResult<Page<DecisionRow>> FakeGateway::decisions(const HistoryFilter& filter) {
  const std::lock_guard lock(mutex_);
  return page_of(decisions_, filter, [&](const DecisionRow& row) { return matches_common(row, filter); });
}

HistoryResult<Changes> FakeGateway::changes(std::uint64_t after, std::uint32_t limit) {
  const std::lock_guard lock(mutex_);
  Changes changes;
  changes.last_index = journal_index_;
  for (const OrderRow& row : orders_) {
    if (row.journal_index > after && changes.orders.size() < limit) changes.orders.push_back(row);
  }
  for (const ExecutionRow& row : executions_) {
    if (row.journal_index > after && changes.executions.size() < limit) changes.executions.push_back(row);
  }
  changes.more = changes.orders.size() == limit || changes.executions.size() == limit;
  return changes;
}

std::vector<ReportInfo> FakeGateway::reports() {
  return {{"access_review", "Who may act", Role::kRisk, {}, {"name", "role"}},
          {"restricted_hits", "Orders for what may not be traded", Role::kViewer, {"from", "to"}, {"text", "order_qty"}}};
}

HistoryResult<ReportTable> FakeGateway::report(const ReportRequest& request) {
  using Kind = ReportCell::Kind;
  const std::lock_guard lock(mutex_);
  for (const ReportInfo& info : reports()) {
    if (info.name != request.name) continue;
    ReportTable table{info.name, info.title, info.columns, {}};
    table.rows.push_back({{Kind::kText, "=HYPERLINK(\"http://x\"), \"quoted\""}, {Kind::kNumber, "-1000"}});
    table.rows.push_back({{Kind::kText, request.from ? "from " + to_iso(*request.from) : "plain"}, {}});
    return table;
  }
  return HistoryError{HistoryError::Kind::kUnknown, "there is no such report"};
}

void FakeGateway::submit(Command command, Authority authority, Done done) {
  CommandResult result;
  {
    const std::lock_guard lock(mutex_);
    commands_.emplace_back(command, authority);
    if (core_silent_) return;
    result = apply(command, authority, "");
    if (result.outcome == CommandResult::Outcome::kNeedsSecondPerson) result.proposal = propose(command, authority, result.text);
  }
  done(result);
}

CommandResult FakeGateway::done(std::string text) {
  return {CommandResult::Outcome::kDone, std::move(text), ++journal_index_, {}};
}

ProposalView FakeGateway::propose(const Command& command, const Authority& authority, const std::string& why) {
  Waiting waiting;
  waiting.command = command;
  waiting.maker = authority;
  ProposalView& view = waiting.view;
  view.id = "P" + std::to_string(proposals_.size() + 1);
  view.state = "waiting";
  view.action = "a change";
  view.body = "{}";
  view.explanation = why;
  if (const auto* change = std::get_if<ChangeLimits>(&command)) view.reason = change->reason;
  if (const auto* kill = std::get_if<SetKillState>(&command)) view.reason = kill->reason;
  view.user = authority.user;
  view.approver_role = "risk";
  view.created = now();
  view.lapses = view.created + Duration::seconds(24 * 60 * 60);
  proposals_.push_back(waiting);
  return view;
}

CommandResult FakeGateway::decide(const DecideProposal& decision, const Authority& authority) {
  using Outcome = CommandResult::Outcome;
  for (Waiting& waiting : proposals_) {
    if (waiting.view.id != decision.id) continue;
    if (waiting.view.state != "waiting") return refused(Outcome::kConflict, "the proposal is " + waiting.view.state);
    CommandResult result = done("rejected");
    if (decision.approve) {
      if (waiting.maker.user == authority.user) return refused(Outcome::kForbidden, "one's own proposal");
      if (authority.role < Role::kRisk) return refused(Outcome::kForbidden, "risk was expected");
      result = apply(waiting.command, waiting.maker, authority.user);
      if (result.outcome != Outcome::kDone) return result;
    }
    waiting.view.state = decision.approve ? "approved" : "rejected";
    waiting.view.decided_by = authority.user;
    waiting.view.decided = now();
    waiting.view.decision = decision.reason;
    result.proposal = waiting.view;
    return result;
  }
  return refused(Outcome::kUnknown, "there is no proposal '" + decision.id + "'");
}

std::vector<MassCancelView> FakeGateway::mass_cancels() {
  MassCancelView run;
  run.run = 1;
  run.scope = "account";
  run.id = "ALPHA-1";
  run.origin = "drill";
  run.user = "ops";
  run.reason = "monthly";
  run.started = UtcTime::from_ns(1'795'000'000'000'000'000);
  run.orders = run.sent = 3;
  run.finished = true;
  run.last_sent = run.started + Duration::milliseconds(40);
  run.ended = run.last_sent;
  return {run};
}

std::vector<ProposalView> FakeGateway::proposals() {
  const std::lock_guard lock(mutex_);
  std::vector<ProposalView> views;
  for (const Waiting& waiting : proposals_) views.push_back(waiting.view);
  return views;
}

CommandResult FakeGateway::apply(const Command& command, const Authority& authority, const std::string& second_user) {
  using Outcome = CommandResult::Outcome;
  if (const auto* decision = std::get_if<DecideProposal>(&command)) return decide(*decision, authority);
  if (const auto* kill = std::get_if<SetKillState>(&command)) {
    if (kill->drill) return done("a drill has begun");
    const std::string key = kill->scope + " " + kill->id;
    const auto before = kills_.find(key);
    const bool releases = before != kills_.end() && severity(kill->state) < severity(before->second.state);
    if (releases && second_user.empty()) {
      return refused(Outcome::kNeedsSecondPerson, "releasing " + key + " needs a second person");
    }
    if (kill->state == "active") {
      kills_.erase(key);
    } else {
      kills_[key] = {kill->scope, kill->id, kill->state, kill->reason, authority.user, now(), {}};
    }
    return done(key + " is " + kill->state);
  }
  if (const auto* cancel = std::get_if<CancelOrder>(&command)) {
    for (OrderRow& row : orders_) {
      if (row.order_id != cancel->order_id) continue;
      if (!row.open) return refused(Outcome::kConflict, "the order is " + row.ord_status);
      row.ord_status = "pending_cancel";
      row.updated = now();
      row.journal_index = ++journal_index_;
      return {Outcome::kDone, "the cancel is on its way to the broker", row.journal_index, {}};
    }
    return refused(Outcome::kUnknown, "there is no order '" + cancel->order_id + "'");
  }
  if (const auto* change = std::get_if<ChangeLimits>(&command)) {
    for (LimitsView& node : limits_) {
      if (node.scope != change->scope || node.id != change->id) continue;
      if (node.version != change->expected_version) {
        return refused(Outcome::kStale, "the limits have version " + std::to_string(node.version));
      }
      for (const auto& [name, value] : change->limits) {
        const auto limit = std::find_if(node.limits.begin(), node.limits.end(),
                                        [&name = name](const LimitView& each) { return each.name == name; });
        if (limit == node.limits.end()) return refused(Outcome::kInvalid, "there is no limit '" + name + "'");
        const auto* text = std::get_if<std::string>(&value);
        const auto wanted = text == nullptr ? std::nullopt : Quantity::parse(*text);
        if (!wanted) return refused(Outcome::kInvalid, "'" + name + "' is no decimal");
        if (*wanted > *Quantity::parse(std::get<std::string>(limit->value)) && second_user.empty()) {
          return refused(Outcome::kNeedsSecondPerson, "raising " + name + " needs a second person");
        }
        limit->value = value;
      }
      ++node.version;
      return done("the limits have version " + std::to_string(node.version));
    }
    return refused(Outcome::kUnknown, "there is no " + change->scope + " '" + change->id + "'");
  }
  if (const auto* action = std::get_if<SessionAction>(&command)) {
    for (SessionView& session : sessions_) {
      if (session.id != action->session) continue;
      if (action->kind == SessionAction::Kind::kSequence && second_user.empty()) {
        return refused(Outcome::kNeedsSecondPerson, "orders are open; a second person is needed");
      }
      if (action->kind == SessionAction::Kind::kEnable) session.enabled = true;
      if (action->kind == SessionAction::Kind::kDisable) session.enabled = false;
      if (action->next_sender_seq) session.next_sender_seq = *action->next_sender_seq;
      if (action->next_target_seq) session.next_target_seq = *action->next_target_seq;
      return done("done");
    }
    return refused(Outcome::kUnknown, "there is no session '" + action->session + "'");
  }
  if (const auto* ack = std::get_if<AcknowledgeAlert>(&command)) {
    for (AlertView& alert : alerts_) {
      if (alert.id != ack->id) continue;
      alert.acknowledged_by = authority.user;
      alert.acknowledged = now();
      return done("acknowledged");
    }
    return refused(Outcome::kUnknown, "there is no alert '" + ack->id + "'");
  }
  if (const auto* quote = std::get_if<SetQuote>(&command)) {
    if (quote->symbol != "EUR/USD") return refused(Outcome::kUnknown, "there is no instrument '" + quote->symbol + "'");
    return done("EUR/USD is " + quote->bid.to_string() + " / " + quote->ask.to_string());
  }
  if (const auto* rate = std::get_if<SetRate>(&command)) return done(rate->currency + " is " + rate->rate.to_string());
  return refused(Outcome::kNotBuilt, "this gateway cannot do that yet");
}

void FakeGateway::write(const AuditLine& line) {
  const std::lock_guard lock(mutex_);
  audit_.push_back(line);
}

void FakeGateway::add_order(const std::string& order_id, const std::string& text) {
  const std::lock_guard lock(mutex_);
  OrderRow row;
  row.order_id = order_id;
  row.client = "alpha";
  row.account = "ALPHA-1";
  row.cl_ord_id = "c-" + std::to_string(orders_.size() + 1);
  row.symbol = "EUR/USD";
  row.side = orders_.size() % 2 == 0 ? "buy" : "sell";
  row.ord_type = "limit";
  row.time_in_force = "day";
  row.ord_status = "new";
  row.open = true;
  row.order_qty = quantity("1000000");
  row.leaves_qty = row.order_qty;
  row.price = price("1.0999");
  row.broker = "northbank";
  row.broker_cl_ord_id = "LDN1-B-" + std::to_string(orders_.size() + 1);
  row.text = text;
  row.entered = row.updated = now();
  row.journal_index = ++journal_index_;
  orders_.push_back(row);
}

void FakeGateway::fill_order(const std::string& order_id, Quantity last_qty, Price last_px) {
  const std::lock_guard lock(mutex_);
  for (OrderRow& row : orders_) {
    if (row.order_id != order_id) continue;
    row.cum_qty += last_qty;
    row.leaves_qty -= last_qty;
    row.avg_px = last_px;
    row.open = row.leaves_qty.is_positive();
    row.ord_status = row.open ? "partially_filled" : "filled";
    row.updated = now();
    row.journal_index = ++journal_index_;
    ExecutionRow execution;
    execution.exec_id = "E" + std::to_string(executions_.size() + 1);
    execution.order_id = order_id;
    execution.client = row.client;
    execution.account = row.account;
    execution.cl_ord_id = row.cl_ord_id;
    execution.symbol = row.symbol;
    execution.side = row.side;
    execution.exec_type = "trade";
    execution.ord_status = row.ord_status;
    execution.last_qty = last_qty;
    execution.last_px = last_px;
    execution.cum_qty = row.cum_qty;
    execution.leaves_qty = row.leaves_qty;
    execution.broker = row.broker;
    execution.broker_exec_id = "NB-" + execution.exec_id;
    execution.time = row.updated;
    execution.journal_index = row.journal_index;
    executions_.push_back(execution);
  }
}

void FakeGateway::set_session_state(const std::string& id, const std::string& state, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  for (SessionView& session : sessions_) {
    if (session.id != id) continue;
    session.state = state;
    session.reason = reason;
    session.since = now();
  }
}

void FakeGateway::set_alerts(std::vector<AlertView> alerts) {
  const std::lock_guard lock(mutex_);
  alerts_ = std::move(alerts);
}

void FakeGateway::set_core_silent(bool silent) {
  const std::lock_guard lock(mutex_);
  core_silent_ = silent;
}

void FakeGateway::set_blotter_away(bool away) {
  const std::lock_guard lock(mutex_);
  blotter_away_ = away;
}

std::vector<AuditLine> FakeGateway::audit_lines() {
  const std::lock_guard lock(mutex_);
  return audit_;
}

std::vector<std::pair<Command, Authority>> FakeGateway::commands() {
  const std::lock_guard lock(mutex_);
  return commands_;
}

std::string token_of(const std::string& user) {
  return user + "-token-0123456789";
}

ServerOptions test_options() {
  ServerOptions options;
  options.users = {{"viewer", Role::kViewer, token_of("viewer")},
                   {"ops", Role::kOperator, token_of("ops")},
                   {"risk1", Role::kRisk, token_of("risk1")},
                   {"risk2", Role::kRisk, token_of("risk2")},
                   {"root", Role::kAdmin, token_of("root")}};
  options.stream_period_ms = 20;
  return options;
}

}  // namespace portcullis::admin
