#include "persistence/blotter/queries.h"

#include <algorithm>
#include <tuple>

#include "gateway/ids.h"
#include "order/events.h"

namespace portcullis::persistence {
namespace {

// Collects "column = $n" with its parameter.
class Conditions {
 public:
  void add(std::string_view column, std::string_view comparison, Value value) {
    text_ += text_.empty() ? " WHERE " : " AND ";
    parameters_.push_back(std::move(value));
    text_ += std::string(column) + " " + std::string(comparison) + " $" + std::to_string(parameters_.size());
  }
  void add(std::string_view condition) {
    text_ += text_.empty() ? " WHERE " : " AND ";
    text_ += condition;
  }
  void add_text(std::string_view column, const std::string& value) {
    if (!value.empty()) add(column, "=", clean_text(value));
  }
  const std::string& text() const { return text_; }
  std::span<const Value> parameters() const { return parameters_; }

 private:
  std::string text_;
  std::vector<Value> parameters_;
};

// What only a decision has is no condition on other rows.
BlotterFilter without_decisions(BlotterFilter filter) {
  filter.control.clear();
  filter.outcome.clear();
  filter.from_ns.reset();
  filter.to_ns.reset();
  return filter;
}

template <typename R>
void keep_below(std::vector<R>& rows, std::int64_t index) {
  std::erase_if(rows, [index](const R& row) { return row.journal_index >= index; });
}

}  // namespace

StoreResult<BlotterStore*> BlotterQueries::store() {
  if (store_ == nullptr) {
    auto opened = open_store(url_, gateway_id_);
    if (!opened) return opened.error();
    store_ = std::move(*opened);
  }
  return store_.get();
}

template <typename R>
StoreResult<std::vector<R>> BlotterQueries::select(const std::string& rest, std::span<const Value> parameters) {
  const Table& table = table_of<R>();
  auto opened = store();
  if (!opened) return opened.error();
  auto rows = (*opened)->query("SELECT " + column_list(table) + " FROM " + std::string(table.name) + rest, parameters,
                               column_types(table));
  if (!rows) {
    // Whatever it was, the next question begins on a new connection.
    store_.reset();
    return rows.error();
  }
  std::vector<R> result(rows->size());
  for (std::size_t i = 0; i < result.size(); ++i) from_row((*rows)[i], result[i]);
  return result;
}

template <typename R, typename Key>
StoreResult<BlotterPage<R>> BlotterQueries::page(const BlotterFilter& filter, Key key) {
  const std::string_view key_column = table_of<R>().columns.front().name;
  Conditions where;
  where.add_text("client", filter.client);
  where.add_text("account", filter.account);
  where.add_text("symbol", filter.symbol);
  if (!filter.order_id.empty()) {
    const auto given = gateway::parse_order_id(gateway_id_, filter.order_id);
    if (!given) return BlotterPage<R>();
    where.add("order_number", "=", static_cast<std::int64_t>(given->number));
    where.add_text("order_id", filter.order_id);
  }
  where.add_text("control", filter.control);
  // In the words of the index, which leaves out what was accepted; likewise below, what is over.
  if (!filter.control.empty()) where.add("control <> ''");
  where.add_text("outcome", filter.outcome);
  if (filter.from_ns) where.add("time_ns", ">=", *filter.from_ns);
  if (filter.to_ns) where.add("time_ns", "<", *filter.to_ns);
  if (filter.open_only) where.add("is_open = 1");
  if (filter.before) where.add(key_column, "<", *filter.before);
  // One more than asked for tells whether there is a further page.
  const std::string rest = where.text() + " ORDER BY " + std::string(key_column) + " DESC LIMIT " +
                           std::to_string(std::uint64_t{filter.limit} + 1);
  auto rows = select<R>(rest, where.parameters());
  if (!rows) return rows.error();
  BlotterPage<R> result{std::move(*rows), std::nullopt};
  if (result.rows.size() > filter.limit) {
    result.rows.pop_back();
    if (!result.rows.empty()) result.next_before = key(result.rows.back());
  }
  return result;
}

StoreResult<BlotterPage<OrderRow>> BlotterQueries::orders(const BlotterFilter& filter) {
  return page<OrderRow>(without_decisions(filter), [](const OrderRow& row) { return row.order_number; });
}

StoreResult<BlotterPage<ExecutionRow>> BlotterQueries::executions(const BlotterFilter& filter) {
  BlotterFilter only = without_decisions(filter);
  only.open_only = false;
  return page<ExecutionRow>(only, [](const ExecutionRow& row) { return row.execution_number; });
}

StoreResult<BlotterPage<DecisionRow>> BlotterQueries::decisions(const BlotterFilter& filter) {
  BlotterFilter only = filter;
  only.open_only = false;
  return page<DecisionRow>(only, [](const DecisionRow& row) { return row.decision; });
}

StoreResult<std::optional<OrderHistory>> BlotterQueries::order(const std::string& order_id) {
  const auto given = gateway::parse_order_id(gateway_id_, order_id);
  if (!given) return std::optional<OrderHistory>();
  const Value id[] = {static_cast<std::int64_t>(given->number), order_id};
  auto orders = select<OrderRow>(" WHERE order_number = $1 AND order_id = $2", id);
  if (!orders) return orders.error();
  if (orders->empty()) return std::optional<OrderHistory>();
  OrderHistory history;
  history.order = std::move(orders->front());
  const Value number[] = {history.order.order_number};
  auto chain = select<RequestRow>(" WHERE order_number = $1 ORDER BY request_number", number);
  if (!chain) return chain.error();
  history.chain = std::move(*chain);
  auto executions = select<ExecutionRow>(" WHERE order_number = $1 ORDER BY execution_number", number);
  if (!executions) return executions.error();
  history.executions = std::move(*executions);
  return std::optional(std::move(history));
}

StoreResult<BlotterChanges> BlotterQueries::changes(std::uint64_t after, std::uint32_t limit) {
  auto opened = store();
  if (!opened) return opened.error();
  auto progress = read_progress(**opened);
  if (!progress) {
    store_.reset();
    return progress.error();
  }
  BlotterChanges changes;
  changes.last_index = progress->last.index;
  if (after >= progress->last.index) return changes;
  const Value index[] = {static_cast<std::int64_t>(after)};
  const std::string rest =
      " WHERE journal_index > $1 ORDER BY journal_index LIMIT " + std::to_string(std::uint64_t{limit} + 1);
  auto orders = select<OrderRow>(rest, index);
  if (!orders) return orders.error();
  auto executions = select<ExecutionRow>(rest, index);
  if (!executions) return executions.error();
  changes.orders = std::move(*orders);
  changes.executions = std::move(*executions);
  // Where a list was cut, all from the cut record on is left for the next call, of both lists.
  std::int64_t cut = INT64_MAX;
  if (changes.orders.size() > limit) cut = std::min(cut, changes.orders.back().journal_index);
  if (changes.executions.size() > limit) cut = std::min(cut, changes.executions.back().journal_index);
  changes.more = cut != INT64_MAX;
  if (changes.more) {
    keep_below(changes.orders, cut);
    keep_below(changes.executions, cut);
    changes.last_index = static_cast<std::uint64_t>(cut) - 1;
  }
  if (changes.more && changes.orders.empty() && changes.executions.empty()) {
    // One record alone changed more than the limit (a mass cancel): it comes whole, or nobody would get past it.
    const Value whole[] = {cut};
    auto all_orders = select<OrderRow>(" WHERE journal_index = $1", whole);
    if (!all_orders) return all_orders.error();
    auto all_executions = select<ExecutionRow>(" WHERE journal_index = $1", whole);
    if (!all_executions) return all_executions.error();
    changes.orders = std::move(*all_orders);
    changes.executions = std::move(*all_executions);
    changes.last_index = static_cast<std::uint64_t>(cut);
  }
  return changes;
}

StoreResult<std::vector<PositionRow>> BlotterQueries::positions(const std::string& account) {
  Conditions where;
  where.add_text("account", account);
  auto rows = select<PositionRow>(where.text(), where.parameters());
  if (!rows) return rows;
  std::sort(rows->begin(), rows->end(), [](const PositionRow& a, const PositionRow& b) {
    return std::tie(a.account, a.symbol) < std::tie(b.account, b.symbol);
  });
  return rows;
}

StoreResult<std::vector<AuditRow>> BlotterQueries::audit(std::optional<std::int64_t> before, std::uint32_t limit) {
  Conditions where;
  if (before) where.add("journal_index", "<", *before);
  return select<AuditRow>(where.text() + " ORDER BY journal_index DESC, seq DESC LIMIT " + std::to_string(limit),
                          where.parameters());
}

StoreResult<ReportRows> BlotterQueries::report(const Report& report, const ReportFilter& filter) {
  auto opened = store();
  if (!opened) return opened.error();
  auto rows = read_report(**opened, report, filter);
  if (!rows) store_.reset();
  return rows;
}

StoreResult<std::vector<OrderRecordRow>> BlotterQueries::order_records(std::int64_t order_number) {
  const Value number[] = {order_number};
  return select<OrderRecordRow>(" WHERE order_number = $1 ORDER BY journal_index", number);
}

StoreResult<std::vector<DecisionRow>> BlotterQueries::order_decisions(std::int64_t order_number) {
  const Value number[] = {order_number};
  return select<DecisionRow>(" WHERE order_number = $1 ORDER BY decision", number);
}

StoreResult<std::optional<ConfigurationRow>> BlotterQueries::configuration(std::optional<std::int64_t> at_ns) {
  Conditions where;
  where.add("configuration", "<>", std::string());
  if (at_ns) where.add("time_ns", "<=", *at_ns);
  auto rows = select<ConfigurationRow>(where.text() + " ORDER BY journal_index DESC LIMIT 1", where.parameters());
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<ConfigurationRow>();
  return std::optional(std::move(rows->front()));
}

StoreResult<std::vector<LimitChangeRow>> BlotterQueries::limit_changes(std::optional<std::int64_t> to_ns) {
  Conditions where;
  if (to_ns) where.add("time_ns", "<=", *to_ns);
  return select<LimitChangeRow>(where.text() + " ORDER BY journal_index, seq", where.parameters());
}

StoreResult<std::vector<NameRow>> BlotterQueries::session_names() {
  const Value kind[] = {static_cast<std::int64_t>(order::NameKind::kSession)};
  return select<NameRow>(" WHERE kind = $1 ORDER BY idx", kind);
}

}  // namespace portcullis::persistence
