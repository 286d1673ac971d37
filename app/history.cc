#include "app/history.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/json.hpp>

#include "config/limits.h"
#include "order/reject.h"
#include "persistence/blotter/tables.h"

namespace portcullis::app {
namespace {

using admin::HistoryError;
using persistence::Row;
using persistence::Table;
using persistence::Value;

// The columns of one row by name.
class Reader {
 public:
  Reader(const Table& table, const Row& row) : table_(table), row_(row) {}

  std::string text(std::string_view column) const {
    const auto* value = std::get_if<std::string>(&at(column));
    return value != nullptr ? *value : std::string();
  }
  std::optional<std::int64_t> maybe(std::string_view column) const {
    const auto* value = std::get_if<std::int64_t>(&at(column));
    return value != nullptr ? std::optional<std::int64_t>(*value) : std::nullopt;
  }
  std::int64_t integer(std::string_view column) const { return maybe(column).value_or(0); }
  Quantity quantity(std::string_view column) const { return Quantity::from_raw(integer(column)); }
  std::optional<Price> price(std::string_view column) const {
    const auto raw = maybe(column);
    return raw ? std::optional<Price>(Price::from_raw(*raw)) : std::nullopt;
  }
  UtcTime time(std::string_view column) const { return UtcTime::from_ns(integer(column)); }

 private:
  const Value& at(std::string_view column) const {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (table_.columns[i].name == column) return row_[i];
    }
    check_failed("column", __FILE__, __LINE__, "a column that the blotter does not have");
  }

  const Table& table_;
  const Row& row_;
};

admin::OrderRow order_row(const Row& row) {
  const Reader r(persistence::kOrdersTable, row);
  admin::OrderRow o;
  o.order_id = r.text("order_id");
  o.client = r.text("client");
  o.account = r.text("account");
  o.cl_ord_id = r.text("cl_ord_id");
  o.symbol = r.text("symbol");
  o.side = r.text("side");
  o.ord_type = r.text("ord_type");
  o.time_in_force = r.text("time_in_force");
  o.ord_status = r.text("ord_status");
  o.open = r.integer("is_open") != 0;
  o.order_qty = r.quantity("order_qty");
  o.cum_qty = r.quantity("cum_qty");
  o.leaves_qty = r.quantity("leaves_qty");
  o.price = r.price("price");
  o.stop_px = r.price("stop_px");
  o.avg_px = r.price("avg_px");
  o.broker = r.text("broker");
  o.broker_cl_ord_id = r.text("broker_cl_ord_id");
  o.text = r.text("text");
  o.entered = r.time("entered_ns");
  o.updated = r.time("updated_ns");
  o.journal_index = static_cast<std::uint64_t>(r.integer("journal_index"));
  return o;
}

admin::ExecutionRow execution_row(const Row& row) {
  const Reader r(persistence::kExecutionsTable, row);
  admin::ExecutionRow e;
  e.exec_id = r.text("exec_id");
  e.order_id = r.text("order_id");
  e.client = r.text("client");
  e.account = r.text("account");
  e.cl_ord_id = r.text("cl_ord_id");
  e.symbol = r.text("symbol");
  e.side = r.text("side");
  e.exec_type = r.text("exec_type");
  e.ord_status = r.text("ord_status");
  e.last_qty = r.quantity("last_qty");
  e.last_px = r.price("last_px");
  e.cum_qty = r.quantity("cum_qty");
  e.leaves_qty = r.quantity("leaves_qty");
  e.broker = r.text("broker");
  e.broker_exec_id = r.text("broker_exec_id");
  e.text = r.text("text");
  e.time = r.time("time_ns");
  e.journal_index = static_cast<std::uint64_t>(r.integer("journal_index"));
  return e;
}

admin::ChainRow chain_row(const Row& row) {
  const Reader r(persistence::kRequestsTable, row);
  admin::ChainRow c;
  c.kind = r.text("kind");
  c.cl_ord_id = r.text("cl_ord_id");
  c.orig_cl_ord_id = r.text("orig_cl_ord_id");
  c.status = r.text("status");
  if (const auto quantity = r.maybe("order_qty")) c.order_qty = Quantity::from_raw(*quantity);
  c.price = r.price("price");
  c.time = r.time("time_ns");
  return c;
}

// The limit that a control tests, by the table of limits; controls without a limit have none.
const config::LimitInfo* limit_of(std::string_view control) {
  for (const config::LimitInfo& info : config::limits_table()) {
    if (info.control == control) return &info;
  }
  return nullptr;
}

std::string figure(const config::LimitInfo* info, std::int64_t raw) {
  if (info == nullptr) return std::to_string(raw);
  switch (info->kind) {
    case config::LimitKind::kQuantity: return Quantity::from_raw(raw).to_string();
    case config::LimitKind::kAmount: return Amount::from_raw(raw).to_string();
    case config::LimitKind::kPercent: return Price::from_raw(raw).to_string();  // B3 compares prices
    default: return std::to_string(raw);
  }
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
    check.usage = figure(info, as_integer(3));
    check.delta = figure(info, as_integer(4));
    check.limit = figure(info, as_integer(5));
    check.passed = fields[6].is_bool() ? fields[6].get_bool() : as_integer(6) != 0;
    checks.push_back(std::move(check));
  }
  return checks;
}

admin::DecisionRow decision_row(const Row& row) {
  const Reader r(persistence::kDecisionsTable, row);
  admin::DecisionRow d;
  d.journal_index = static_cast<std::uint64_t>(r.integer("journal_index"));
  d.time = r.time("time_ns");
  d.client = r.text("client");
  d.account = r.text("account");
  d.cl_ord_id = r.text("cl_ord_id");
  d.order_id = r.text("order_id");
  d.outcome = r.text("outcome");
  d.text = r.text("text");
  d.checks = check_rows(r.text("checks"));
  return d;
}

HistoryError unavailable(const persistence::StoreError& error) {
  return HistoryError{HistoryError::Kind::kUnavailable, "the blotter does not answer: " + error.what};
}

// Turns the rows of a page into the page, one row more having been asked for to see whether more follow.
template <typename Out, typename Make>
admin::Page<Out> make_page(std::vector<Row>& rows, std::uint32_t limit, Make&& make) {
  admin::Page<Out> page;
  if (rows.size() > limit) {
    rows.resize(limit);
    page.next_cursor = std::to_string(std::get<std::int64_t>(rows.back()[0]));
  }
  for (const Row& row : rows) page.rows.push_back(make(row));
  return page;
}

}  // namespace

admin::HistoryResult<History::Rows> History::select(const Table& table, const std::string& condition,
                                                    std::span<const Value> parameters) {
  for (int attempt = 0;; ++attempt) {
    if (store_ == nullptr) {
      auto opened = persistence::open_store(url_, gateway_id_);
      if (!opened) return unavailable(opened.error());
      store_ = std::move(opened).value();
    }
    const std::string statement = "SELECT " + persistence::column_list(table) + " FROM " + std::string(table.name) + " " + condition;
    auto rows = store_->query(statement, parameters, persistence::column_types(table));
    if (rows) return std::move(rows).value();
    store_.reset();
    // A connection that was lost since the last question is made again once.
    if (!rows.error().lost || attempt > 0) return unavailable(rows.error());
  }
}

admin::HistoryResult<History::Rows> History::page(const Table& table, const admin::HistoryFilter& filter, bool has_open) {
  std::string condition = "WHERE 1 = 1";
  std::vector<Value> parameters;
  const auto where = [&](const std::string& test, Value value) {
    parameters.push_back(std::move(value));
    condition += " AND " + test + std::to_string(parameters.size());
  };
  if (!filter.client.empty()) where("client = $", filter.client);
  if (!filter.account.empty()) where("account = $", filter.account);
  if (!filter.symbol.empty()) where("symbol = $", filter.symbol);
  if (!filter.order_id.empty()) where("order_id = $", filter.order_id);
  if (has_open && filter.open_only) where("is_open = $", std::int64_t{1});
  const std::string key(table.columns[0].name);
  if (!filter.cursor.empty()) {
    std::int64_t before = 0;
    const auto [end, error] = std::from_chars(filter.cursor.data(), filter.cursor.data() + filter.cursor.size(), before);
    if (error != std::errc() || end != filter.cursor.data() + filter.cursor.size()) {
      return HistoryError{HistoryError::Kind::kBadCursor, "cursor is what a page before gave as next_cursor"};
    }
    where(key + " < $", before);
  }
  condition += " ORDER BY " + key + " DESC LIMIT " + std::to_string(filter.limit + 1);
  return select(table, condition, parameters);
}

admin::HistoryResult<admin::Page<admin::OrderRow>> History::orders(const admin::HistoryFilter& filter) {
  auto rows = page(persistence::kOrdersTable, filter, true);
  if (!rows) return rows.error();
  return make_page<admin::OrderRow>(*rows, filter.limit, order_row);
}

admin::HistoryResult<admin::Page<admin::ExecutionRow>> History::executions(const admin::HistoryFilter& filter) {
  auto rows = page(persistence::kExecutionsTable, filter, false);
  if (!rows) return rows.error();
  return make_page<admin::ExecutionRow>(*rows, filter.limit, execution_row);
}

admin::HistoryResult<admin::Page<admin::DecisionRow>> History::decisions(const admin::HistoryFilter& filter) {
  auto rows = page(persistence::kDecisionsTable, filter, false);
  if (!rows) return rows.error();
  return make_page<admin::DecisionRow>(*rows, filter.limit, decision_row);
}

admin::HistoryResult<std::optional<admin::OrderDetail>> History::order(const std::string& order_id) {
  const std::vector<Value> by_id{order_id};
  auto found = select(persistence::kOrdersTable, "WHERE order_id = $1", by_id);
  if (!found) return found.error();
  if (found->empty()) return std::optional<admin::OrderDetail>();
  admin::OrderDetail detail;
  detail.order = order_row(found->front());
  const std::vector<Value> by_number{found->front()[0]};
  auto chain = select(persistence::kRequestsTable, "WHERE order_number = $1 ORDER BY request_number", by_number);
  if (!chain) return chain.error();
  for (const Row& row : *chain) detail.chain.push_back(chain_row(row));
  auto executions = select(persistence::kExecutionsTable, "WHERE order_number = $1 ORDER BY execution_number", by_number);
  if (!executions) return executions.error();
  for (const Row& row : *executions) detail.executions.push_back(execution_row(row));
  return std::optional<admin::OrderDetail>(std::move(detail));
}

admin::HistoryResult<admin::Changes> History::changes(std::uint64_t after, std::uint32_t limit) {
  admin::Changes changes;
  auto progress = select(persistence::kProgressTable, "WHERE id = $1", std::vector<Value>{std::int64_t{1}});
  if (!progress) return progress.error();
  if (progress->empty()) return changes;
  changes.last_index = static_cast<std::uint64_t>(Reader(persistence::kProgressTable, progress->front()).integer("last_index"));
  if (after >= changes.last_index) return changes;
  const std::vector<Value> behind{static_cast<std::int64_t>(after)};
  const std::string condition = "WHERE journal_index > $1 ORDER BY journal_index LIMIT " + std::to_string(limit + 1);
  auto orders = select(persistence::kOrdersTable, condition, behind);
  if (!orders) return orders.error();
  auto executions = select(persistence::kExecutionsTable, condition, behind);
  if (!executions) return executions.error();
  for (const Row& row : *orders) changes.orders.push_back(order_row(row));
  for (const Row& row : *executions) changes.executions.push_back(execution_row(row));
  // Where one list was cut short, both end at the index before the cut.
  const auto cut = [&](auto& rows) {
    if (rows.size() <= limit) return;
    changes.more = true;
    changes.last_index = std::min(changes.last_index, rows.back().journal_index - 1);
  };
  cut(changes.orders);
  cut(changes.executions);
  std::erase_if(changes.orders, [&](const auto& row) { return row.journal_index > changes.last_index; });
  std::erase_if(changes.executions, [&](const auto& row) { return row.journal_index > changes.last_index; });
  return changes;
}

}  // namespace portcullis::app
