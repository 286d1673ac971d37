#include "persistence/blotter/queries.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>

#include "gateway/ids.h"
#include "order/events.h"

namespace portcullis::persistence {
namespace {

// Collects conditions with their parameters.
class Conditions {
 public:
  // How a statement names the value: $n.
  std::string parameter(Value value) {
    parameters_.push_back(std::move(value));
    return "$" + std::to_string(parameters_.size());
  }
  void add(const std::string& condition) {
    text_ += text_.empty() ? " WHERE " : " AND ";
    text_ += condition;
  }
  void add(std::string_view column, std::string_view comparison, Value value) {
    add(std::string(column) + " " + std::string(comparison) + " " + parameter(std::move(value)));
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

const std::string kRows = std::to_string(kBlockRows);
constexpr std::size_t kMostInAList = 500;

// The numbers of an order's executions, from the newest, as the table `chosen`.
std::string executions_of(const std::string& order_number) {
  return "WITH RECURSIVE chosen(n) AS (SELECT last_execution FROM orders WHERE order_number = " + order_number +
         " AND last_execution IS NOT NULL UNION ALL SELECT e.previous_execution FROM chosen CROSS JOIN execution_rows "
         "e "
         "WHERE e.execution_number = chosen.n AND e.previous_execution IS NOT NULL) ";
}
// And of its decisions; the condition in the words of the index.
std::string decisions_of(const std::string& order_number) {
  return "WITH chosen(n) AS (SELECT decision FROM orders WHERE order_number = " + order_number +
         " AND decision IS NOT NULL UNION SELECT decision FROM decision_rows WHERE order_number = " + order_number +
         " AND (msg_type <> 'D' OR outcome = 'rejected')) ";
}
// The first number of the first block that reaches behind record $1; NULL: there is none. Executions and decisions are
// numbered as the journal has them.
std::string first_behind(BlockKind kind) {
  return "(SELECT block * " + kRows + " FROM blocks WHERE kind = " + std::to_string(static_cast<int>(kind)) +
         " AND last_index > $1 ORDER BY last_index LIMIT 1)";
}

std::int64_t key_of(const OrderRow& row) {
  return row.order_number;
}
std::int64_t key_of(const ExecutionRow& row) {
  return row.execution_number;
}
std::int64_t key_of(const DecisionRow& row) {
  return row.decision;
}

// What only a decision has is no condition on other rows.
BlotterFilter without_decisions(BlotterFilter filter) {
  filter.control.clear();
  filter.outcome.clear();
  filter.from_ns.reset();
  filter.to_ns.reset();
  return filter;
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

// Whatever the error was, the next question begins on a new connection.
StoreResult<std::vector<Row>> BlotterQueries::rows(const std::string& statement, std::span<const Value> parameters,
                                                   std::span<const ColumnType> types) {
  auto opened = store();
  if (!opened) return opened.error();
  auto found = (*opened)->query((*opened)->in_own_words(statement), parameters, types);
  if (!found) store_.reset();
  return found;
}

template <typename R>
StoreResult<std::vector<R>> BlotterQueries::select(const std::string& rest, std::span<const Value> parameters,
                                                   const std::string& with, const std::string& before,
                                                   bool from_table) {
  const Table& table = table_of<R>();
  std::string columns;
  for (const Column& column : table.columns) columns += (columns.empty() ? "t." : ", t.") + std::string(column.name);
  const std::string from(table.view.empty() || from_table ? table.name : table.view);
  auto found =
      rows(with + "SELECT " + columns + " FROM " + before + from + " t" + rest, parameters, column_types(table));
  if (!found) return found.error();
  std::vector<R> result(found->size());
  for (std::size_t i = 0; i < result.size(); ++i) from_row((*found)[i], result[i]);
  return result;
}

StoreResult<> BlotterQueries::complete(std::vector<DecisionRow>& decisions) {
  auto opened = store();
  if (!opened) return opened.error();
  auto completed = reader_.complete(**opened, decisions);
  if (!completed) store_.reset();
  return completed;
}

template <typename R>
StoreResult<BlotterPage<R>> BlotterQueries::page(const BlotterFilter& filter, BlockKind kind) {
  const std::string key = "t." + std::string(table_of<R>().columns.front().name);
  Conditions where;
  std::string with;
  std::string before;  // a table that says where to look
  std::string order = key + " DESC";
  if (!filter.order_id.empty()) {
    const auto given = gateway::parse_order_id(gateway_id_, filter.order_id);
    if (!given) return BlotterPage<R>();
    const std::string number = where.parameter(static_cast<std::int64_t>(given->number));
    if (kind == BlockKind::kOrders) {
      where.add("t.order_number = " + number);
    } else {
      with = kind == BlockKind::kExecutions ? executions_of(number) : decisions_of(number);
      before = "chosen CROSS JOIN ";
      where.add(key + " = chosen.n");
    }
    where.add_text("t.order_id", filter.order_id);
  }
  if (!filter.account.empty()) {
    const std::string account = clean_text(filter.account);
    if (before.empty()) {
      before = "block_accounts b CROSS JOIN ";
      where.add("b.kind = " + std::to_string(static_cast<int>(kind)) +
                " AND /* SQLite: instr *//* PostgreSQL: strpos */(b.accounts, " +
                where.parameter(kBetweenAccounts + account + kBetweenAccounts) + ") > 0");
      if (filter.before) where.add("b.block <= " + std::to_string(*filter.before / kBlockRows));
      where.add(key + " >= b.block * " + kRows + " AND " + key + " < b.block * " + kRows + " + " + kRows);
      order = "b.block DESC, " + order;
    }
    where.add("t.account", "=", account);
  }
  where.add_text("t.client", filter.client);
  where.add_text("t.symbol", filter.symbol);
  where.add_text("t.control", filter.control);
  // In the words of the index, which has what was refused; only what was accepted is decided by the core itself.
  // Likewise below, what is over.
  if (!filter.control.empty() && filter.control != to_string(order::Control::kCore))
    where.add("t.outcome = 'rejected'");
  where.add_text("t.outcome", filter.outcome);
  // What was refused is whole in the table, whose indexes a condition on the view's columns would not find.
  const bool refused =
      filter.outcome == "rejected" || (!filter.control.empty() && filter.control != to_string(order::Control::kCore));
  if (filter.from_ns || filter.to_ns) {
    // A clock that was set back makes the stretch longer, and what is in it is looked at.
    constexpr ColumnType kTypes[] = {ColumnType::kInteger, ColumnType::kInteger};
    const Value times[] = {filter.from_ns.value_or(INT64_MIN), filter.to_ns.value_or(INT64_MAX)};
    auto stretch =
        rows("SELECT MIN(block), MAX(block) FROM blocks WHERE kind = " + std::to_string(static_cast<int>(kind)) +
                 " AND last_ns >= $1 AND first_ns < $2",
             times, kTypes);
    if (!stretch) return stretch.error();
    if (!std::holds_alternative<std::int64_t>(stretch->front()[0])) return BlotterPage<R>();
    where.add(key, ">=", std::get<std::int64_t>(stretch->front()[0]) * kBlockRows);
    where.add(key, "<", (std::get<std::int64_t>(stretch->front()[1]) + 1) * kBlockRows);
    if (filter.from_ns) where.add("t.time_ns", ">=", *filter.from_ns);
    if (filter.to_ns) where.add("t.time_ns", "<", *filter.to_ns);
  }
  if (filter.open_only) where.add("t.is_open = 1");
  if (filter.before) where.add(key, "<", *filter.before);
  // One more than asked for tells whether there is a further page.
  auto found =
      select<R>(where.text() + " ORDER BY " + order + " LIMIT " + std::to_string(std::uint64_t{filter.limit} + 1),
                where.parameters(), with, before, refused);
  if (!found) return found.error();
  BlotterPage<R> result{std::move(*found), std::nullopt};
  if (result.rows.size() > filter.limit) {
    result.rows.pop_back();
    if (!result.rows.empty()) result.next_before = key_of(result.rows.back());
  }
  return result;
}

StoreResult<BlotterPage<OrderRow>> BlotterQueries::orders(const BlotterFilter& filter) {
  return page<OrderRow>(without_decisions(filter), BlockKind::kOrders);
}

StoreResult<BlotterPage<ExecutionRow>> BlotterQueries::executions(const BlotterFilter& filter) {
  BlotterFilter only = without_decisions(filter);
  only.open_only = false;
  return page<ExecutionRow>(only, BlockKind::kExecutions);
}

StoreResult<BlotterPage<DecisionRow>> BlotterQueries::decisions(const BlotterFilter& filter) {
  BlotterFilter only = filter;
  only.open_only = false;
  auto found = page<DecisionRow>(only, BlockKind::kDecisions);
  if (!found) return found;
  if (auto completed = complete(found->rows); !completed) return completed.error();
  return found;
}

StoreResult<std::vector<ExecutionRow>> BlotterQueries::order_executions(std::int64_t order_number) {
  const Value number[] = {order_number};
  return select<ExecutionRow>(" WHERE t.execution_number = chosen.n ORDER BY t.execution_number", number,
                              executions_of("$1"), "chosen CROSS JOIN ");
}

StoreResult<std::optional<OrderHistory>> BlotterQueries::order(const std::string& order_id) {
  const auto given = gateway::parse_order_id(gateway_id_, order_id);
  if (!given) return std::optional<OrderHistory>();
  const Value id[] = {static_cast<std::int64_t>(given->number), order_id};
  auto orders = select<OrderRow>(" WHERE t.order_number = $1 AND t.order_id = $2", id);
  if (!orders) return orders.error();
  if (orders->empty()) return std::optional<OrderHistory>();
  OrderHistory history;
  history.order = std::move(orders->front());
  const Value number[] = {history.order.order_number};
  auto chain = select<RequestRow>(" WHERE t.order_number = $1 ORDER BY t.request_number", number);
  if (!chain) return chain.error();
  history.chain = std::move(*chain);
  auto executions = order_executions(history.order.order_number);
  if (!executions) return executions.error();
  history.executions = std::move(*executions);
  return std::optional(std::move(history));
}

// What records behind `after` did: which orders they are about, and their executions.
struct BlotterQueries::Touched {
  std::vector<std::pair<std::int64_t, std::int64_t>> orders;  // by record: record, order
  std::vector<ExecutionRow> executions;                       // by record
};

// An order changes in records of its executions, of its decisions, and in those that order_records has. All three lists
// are read in the order of their keys, which is the journal's, and end with `limit`.
StoreResult<BlotterQueries::Touched> BlotterQueries::touched(std::uint64_t after, const std::string& condition,
                                                             const std::string& limit) {
  constexpr ColumnType kTypes[] = {ColumnType::kInteger, ColumnType::kInteger};
  const Value index[] = {static_cast<std::int64_t>(after)};
  Touched result;
  auto executions =
      select<ExecutionRow>(" WHERE t.execution_number >= " + first_behind(BlockKind::kExecutions) +
                               " AND t.journal_index > $1" + condition + " ORDER BY t.execution_number" + limit,
                           index);
  if (!executions) return executions.error();
  result.executions = std::move(*executions);
  for (const ExecutionRow& row : result.executions) {
    if (row.order_number) result.orders.emplace_back(row.journal_index, *row.order_number);
  }
  const std::string lists[] = {"decision_rows t WHERE t.decision >= " + first_behind(BlockKind::kDecisions) +
                                   " AND t.order_number IS NOT NULL AND t.journal_index > $1" + condition +
                                   " ORDER BY t.decision",
                               "order_records t WHERE t.journal_index > $1" + condition + " ORDER BY t.journal_index"};
  for (const std::string& list : lists) {
    auto found = rows("SELECT t.journal_index, t.order_number FROM " + list + limit, index, kTypes);
    if (!found) return found.error();
    for (const Row& row : *found) {
      result.orders.emplace_back(std::get<std::int64_t>(row[0]), std::get<std::int64_t>(row[1]));
    }
  }
  std::sort(result.orders.begin(), result.orders.end());
  return result;
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
  const std::size_t most = std::max<std::uint32_t>(limit, 1);
  auto found = touched(after, "", " LIMIT " + std::to_string(most + 1));
  if (!found) return found.error();
  // Where a list is longer, all from its last record on is left for the next call, of every list.
  std::int64_t cut = INT64_MAX;
  if (found->executions.size() > most) cut = found->executions[most].journal_index;
  if (found->orders.size() > most) cut = std::min(cut, found->orders[most].first);
  changes.more = cut != INT64_MAX;
  const auto below = [](std::int64_t index) {
    return [index](const auto& entry) {
      if constexpr (requires { entry.first; })
        return entry.first >= index;
      else
        return entry.journal_index >= index;
    };
  };
  std::erase_if(found->executions, below(cut));
  std::erase_if(found->orders, below(cut));
  if (changes.more) changes.last_index = static_cast<std::uint64_t>(cut) - 1;
  if (changes.more && found->orders.empty() && found->executions.empty()) {
    // One record alone changed more than the limit (a mass cancel): it comes whole, or nobody would get past it.
    found = touched(after, " AND t.journal_index = " + std::to_string(cut), "");
    if (!found) return found.error();
    changes.last_index = static_cast<std::uint64_t>(cut);
  }
  changes.executions = std::move(found->executions);
  std::set<std::int64_t> numbers;
  for (const auto& [record, number] : found->orders) numbers.insert(number);
  for (auto at = numbers.begin(); at != numbers.end();) {
    std::string list;
    for (std::size_t i = 0; i < kMostInAList && at != numbers.end(); ++i, ++at) {
      list += (list.empty() ? "" : ", ") + std::to_string(*at);
    }
    auto rows = select<OrderRow>(" WHERE t.order_number IN (" + list + ")", {});
    if (!rows) return rows.error();
    std::move(rows->begin(), rows->end(), std::back_inserter(changes.orders));
  }
  std::sort(changes.orders.begin(), changes.orders.end(), [](const OrderRow& a, const OrderRow& b) {
    return std::tie(a.journal_index, a.order_number) < std::tie(b.journal_index, b.order_number);
  });
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
  auto records = select<OrderRecordRow>(" WHERE t.order_number = $1", number);
  if (!records) return records;
  auto executions = order_executions(order_number);
  if (!executions) return executions.error();
  for (const ExecutionRow& row : *executions) {
    records->push_back(OrderRecordRow{order_number, row.journal_index, row.journal_offset});
  }
  auto decisions = order_decisions(order_number);
  if (!decisions) return decisions.error();
  for (const DecisionRow& row : *decisions) {
    records->push_back(OrderRecordRow{order_number, row.journal_index, row.journal_offset});
  }
  // Not std::ranges::unique: clang 14, which the fuzz targets are built with, cannot read GCC 12's.
  const auto before = [](const OrderRecordRow& a, const OrderRecordRow& b) { return a.journal_index < b.journal_index; };
  const auto same = [](const OrderRecordRow& a, const OrderRecordRow& b) { return a.journal_index == b.journal_index; };
  std::sort(records->begin(), records->end(), before);
  records->erase(std::unique(records->begin(), records->end(), same), records->end());
  return records;
}

StoreResult<std::vector<DecisionRow>> BlotterQueries::order_decisions(std::int64_t order_number) {
  const Value number[] = {order_number};
  auto found = select<DecisionRow>(" WHERE t.decision = chosen.n ORDER BY t.decision", number, decisions_of("$1"),
                                   "chosen CROSS JOIN ");
  if (!found) return found;
  if (auto completed = complete(*found); !completed) return completed.error();
  return found;
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
