#include "app/history.h"

#include <charconv>
#include <utility>

#include <boost/json.hpp>

#include "app/control_figure.h"
#include "config/limits.h"

namespace portcullis::app {
namespace {

using admin::HistoryError;

std::optional<Price> price(const persistence::OptionalInteger& raw) {
  return raw ? std::optional<Price>(Price::from_raw(*raw)) : std::nullopt;
}

admin::OrderRow order_row(const persistence::OrderRow& row) {
  admin::OrderRow o;
  o.order_id = row.order_id;
  o.client = row.client;
  o.account = row.account;
  o.cl_ord_id = row.cl_ord_id;
  o.symbol = row.symbol;
  o.side = row.side;
  o.ord_type = row.ord_type;
  o.time_in_force = row.time_in_force;
  o.ord_status = row.ord_status;
  o.open = row.is_open != 0;
  o.order_qty = Quantity::from_raw(row.order_qty);
  o.cum_qty = Quantity::from_raw(row.cum_qty);
  o.leaves_qty = Quantity::from_raw(row.leaves_qty);
  o.price = price(row.price);
  o.stop_px = price(row.stop_px);
  o.avg_px = price(row.avg_px);
  o.broker = row.broker;
  o.broker_cl_ord_id = row.broker_cl_ord_id;
  o.text = row.text;
  o.entered = UtcTime::from_ns(row.entered_ns);
  o.updated = UtcTime::from_ns(row.updated_ns);
  o.journal_index = static_cast<std::uint64_t>(row.journal_index);
  return o;
}

admin::ExecutionRow execution_row(const persistence::ExecutionRow& row) {
  admin::ExecutionRow e;
  e.exec_id = row.exec_id;
  e.order_id = row.order_id;
  e.client = row.client;
  e.account = row.account;
  e.cl_ord_id = row.cl_ord_id;
  e.symbol = row.symbol;
  e.side = row.side;
  e.exec_type = row.exec_type;
  e.ord_status = row.ord_status;
  e.last_qty = Quantity::from_raw(row.last_qty);
  e.last_px = price(row.last_px);
  e.cum_qty = Quantity::from_raw(row.cum_qty);
  e.leaves_qty = Quantity::from_raw(row.leaves_qty);
  e.broker = row.broker;
  e.broker_exec_id = row.broker_exec_id;
  e.text = row.text;
  e.time = UtcTime::from_ns(row.time_ns);
  e.journal_index = static_cast<std::uint64_t>(row.journal_index);
  return e;
}

admin::ChainRow chain_row(const persistence::RequestRow& row) {
  admin::ChainRow c;
  c.kind = row.kind;
  c.cl_ord_id = row.cl_ord_id;
  c.orig_cl_ord_id = row.orig_cl_ord_id;
  c.status = row.status;
  if (row.order_qty) c.order_qty = Quantity::from_raw(*row.order_qty);
  c.price = price(row.price);
  c.time = UtcTime::from_ns(row.time_ns);
  return c;
}

// The limit that a control tests, by the table of limits; controls without a limit have none.
const config::LimitInfo* limit_of(std::string_view control) {
  for (const config::LimitInfo& info : config::limits_table()) {
    if (info.control == control) return &info;
  }
  return nullptr;
}

// [[control, scope, id, usage, delta, limit, passed], …], as the projection wrote it.
std::vector<admin::CheckRow> check_rows(const std::string& text) {
  std::vector<admin::CheckRow> checks;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_array()) return checks;
  for (const boost::json::value& entry : value.get_array()) {
    if (!entry.is_array() || entry.get_array().size() != 7) continue;
    const boost::json::array& fields = entry.get_array();
    const auto as_text = [&](std::size_t i) { return fields[i].is_string() ? std::string(fields[i].get_string()) : std::string(); };
    const auto as_integer = [&](std::size_t i) {
      boost::system::error_code bad;
      return fields[i].to_number<std::int64_t>(bad);
    };
    admin::CheckRow check;
    check.control = as_text(0);
    const config::LimitInfo* info = limit_of(check.control);
    if (info != nullptr) check.name = info->name;
    check.scope = as_text(1);
    check.id = as_text(2);
    check.usage = control_figure(check.control, as_integer(3));
    check.delta = control_figure(check.control, as_integer(4));
    check.limit = control_figure(check.control, as_integer(5));
    check.passed = fields[6].is_bool() ? fields[6].get_bool() : as_integer(6) != 0;
    checks.push_back(std::move(check));
  }
  return checks;
}

// [[control, scope, id, thousandths], …], as the projection wrote it.
std::vector<admin::UtilisationRow> utilisation_rows(const std::string& text) {
  std::vector<admin::UtilisationRow> rows;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_array()) return rows;
  for (const boost::json::value& entry : value.get_array()) {
    if (!entry.is_array() || entry.get_array().size() != 4) continue;
    const boost::json::array& fields = entry.get_array();
    const auto as_text = [&](std::size_t i) { return fields[i].is_string() ? std::string(fields[i].get_string()) : std::string(); };
    boost::system::error_code bad;
    const std::int64_t thousandths = fields[3].to_number<std::int64_t>(bad);
    rows.push_back({as_text(0), as_text(1), as_text(2),
                    std::to_string(thousandths / 10) + "." + std::to_string(thousandths % 10)});
  }
  return rows;
}

admin::DecisionRow decision_row(const persistence::DecisionRow& row) {
  const auto duration = [](const persistence::OptionalInteger& ns) {
    return ns ? std::optional<Duration>(Duration::nanoseconds(*ns)) : std::nullopt;
  };
  admin::DecisionRow d;
  d.decision = static_cast<std::uint64_t>(row.decision);
  d.journal_index = static_cast<std::uint64_t>(row.journal_index);
  d.time = UtcTime::from_ns(row.time_ns);
  d.msg_type = row.msg_type;
  d.session = row.session;
  d.client = row.client;
  d.account = row.account;
  d.trader = row.trader;
  d.strategy = row.strategy;
  d.manual = row.manual;
  d.cl_ord_id = row.cl_ord_id;
  d.orig_cl_ord_id = row.orig_cl_ord_id;
  d.order_id = row.order_id;
  d.symbol = row.symbol;
  d.side = row.side;
  d.currency = row.currency;
  if (row.order_qty) d.order_qty = Quantity::from_raw(*row.order_qty);
  d.price = price(row.price);
  d.stop_px = price(row.stop_px);
  d.ord_type = row.ord_type;
  d.time_in_force = row.time_in_force;
  d.value_date = row.value_date;
  d.route = row.broker;
  d.outcome = row.outcome;
  d.code = row.code;
  d.control = row.control;
  d.text = row.text;
  d.checks = check_rows(row.checks);
  d.tightest = utilisation_rows(row.tightest);
  if (row.limit_value && row.usage_before && row.delta) {
    const bool accepted = row.outcome == "accepted";
    d.decisive.control = accepted && !d.tightest.empty() ? d.tightest.front().control : row.control;
    const config::LimitInfo* info = limit_of(d.decisive.control);
    if (info != nullptr) d.decisive.name = info->name;
    d.decisive.scope = row.scope;
    d.decisive.id = row.node;
    d.decisive.usage = control_figure(d.decisive.control, *row.usage_before);
    d.decisive.delta = control_figure(d.decisive.control, *row.delta);
    d.decisive.limit = control_figure(d.decisive.control, *row.limit_value);
    d.decisive.passed = accepted;
  }
  d.limits_version = static_cast<std::uint64_t>(row.limits_version);
  d.market_version = static_cast<std::uint64_t>(row.market_version);
  d.quote_age = duration(row.quote_age_ns);
  d.base_rate_age = duration(row.base_rate_age_ns);
  d.term_rate_age = duration(row.term_rate_age_ns);
  if (row.reserved_base && row.reserved_term && row.reserved_notional) {
    d.reserved = admin::DecisionRow::Reserved{Quantity::from_raw(*row.reserved_base),
                                              Amount::from_raw(*row.reserved_term),
                                              Amount::from_raw(*row.reserved_notional)};
  }
  d.override_id = row.override_id;
  d.message_offset = static_cast<std::uint64_t>(row.message_offset);
  d.message_size = static_cast<std::uint64_t>(row.message_size);
  d.message_hash = row.message_hash;
  d.build_id = row.build_id;
  d.configuration = row.configuration;
  return d;
}

HistoryError unavailable(const persistence::StoreError& error) {
  return HistoryError{HistoryError::Kind::kUnavailable, "the blotter does not answer: " + error.what};
}

// Nothing when the cursor is none of ours.
std::optional<persistence::BlotterFilter> blotter_filter(const admin::HistoryFilter& filter) {
  persistence::BlotterFilter wanted;
  wanted.client = filter.client;
  wanted.account = filter.account;
  wanted.symbol = filter.symbol;
  wanted.order_id = filter.order_id;
  wanted.control = filter.control;
  wanted.outcome = filter.outcome;
  if (filter.from) wanted.from_ns = filter.from->ns();
  if (filter.to) wanted.to_ns = filter.to->ns();
  wanted.open_only = filter.open_only;
  wanted.limit = filter.limit;
  if (filter.cursor.empty()) return wanted;
  std::int64_t before = 0;
  const char* const last = filter.cursor.data() + filter.cursor.size();
  const auto [end, error] = std::from_chars(filter.cursor.data(), last, before);
  if (error != std::errc() || end != last) return std::nullopt;
  wanted.before = before;
  return wanted;
}

// `ask(BlotterFilter) -> StoreResult<BlotterPage<…>>`
template <typename Out, typename Ask, typename Make>
admin::HistoryResult<admin::Page<Out>> page_of(const admin::HistoryFilter& filter, Ask&& ask, Make&& make) {
  const std::optional<persistence::BlotterFilter> wanted = blotter_filter(filter);
  if (!wanted) return HistoryError{HistoryError::Kind::kBadCursor, "cursor is no place of a page; what the header Link of a page before gave was expected"};
  const auto rows = ask(*wanted);
  if (!rows) return unavailable(rows.error());
  admin::Page<Out> page;
  for (const auto& row : rows->rows) page.rows.push_back(make(row));
  if (rows->next_before) page.next_cursor = std::to_string(*rows->next_before);
  return page;
}

}  // namespace

admin::HistoryResult<admin::Page<admin::OrderRow>> History::orders(const admin::HistoryFilter& filter) {
  return page_of<admin::OrderRow>(filter, [this](const auto& wanted) { return queries_.orders(wanted); }, order_row);
}

admin::HistoryResult<admin::Page<admin::ExecutionRow>> History::executions(const admin::HistoryFilter& filter) {
  return page_of<admin::ExecutionRow>(filter, [this](const auto& wanted) { return queries_.executions(wanted); },
                                      execution_row);
}

admin::HistoryResult<admin::Page<admin::DecisionRow>> History::decisions(const admin::HistoryFilter& filter) {
  return page_of<admin::DecisionRow>(filter, [this](const auto& wanted) { return queries_.decisions(wanted); },
                                     decision_row);
}

admin::HistoryResult<std::optional<admin::OrderDetail>> History::order(const std::string& order_id) {
  const auto found = queries_.order(order_id);
  if (!found) return unavailable(found.error());
  if (!found->has_value()) return std::optional<admin::OrderDetail>();
  const persistence::OrderHistory& history = **found;
  admin::OrderDetail detail;
  detail.order = order_row(history.order);
  for (const auto& row : history.chain) detail.chain.push_back(chain_row(row));
  for (const auto& row : history.executions) detail.executions.push_back(execution_row(row));
  return std::optional<admin::OrderDetail>(std::move(detail));
}

admin::HistoryResult<admin::Changes> History::changes(std::uint64_t after, std::uint32_t limit) {
  const auto found = queries_.changes(after, limit);
  if (!found) return unavailable(found.error());
  admin::Changes changes;
  for (const auto& row : found->orders) changes.orders.push_back(order_row(row));
  for (const auto& row : found->executions) changes.executions.push_back(execution_row(row));
  changes.last_index = found->last_index;
  changes.more = found->more;
  return changes;
}

}  // namespace portcullis::app
