#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "persistence/blotter/decision_reader.h"
#include "persistence/blotter/reports.h"
#include "persistence/blotter/rows.h"
#include "persistence/blotter/store.h"

// What is asked of a blotter: the REST resources' questions. A connection of its own, opened at the first question and
// again after it was lost. One thread at a time; may block for as long as the database does.

namespace portcullis::persistence {

struct BlotterFilter {
  std::string client;                   // empty: any
  std::string account;                  // empty: any
  std::string symbol;                   // empty: any
  std::string order_id;                 // executions and decisions; empty: any
  std::string control;                  // decisions; empty: any
  std::string outcome;                  // decisions; empty: any
  std::optional<std::int64_t> from_ns;  // decisions: at this time or later
  std::optional<std::int64_t> to_ns;    // decisions: before this time
  bool open_only = false;
  std::uint32_t limit = 100;
  std::optional<std::int64_t> before;  // the next_before of the page before; absent: the newest
};

template <typename R>
struct BlotterPage {
  std::vector<R> rows;                      // newest first
  std::optional<std::int64_t> next_before;  // absent: this was the last page
};

struct OrderHistory {
  OrderRow order;
  std::vector<RequestRow> chain;  // oldest first
  std::vector<ExecutionRow> executions;
};

struct BlotterChanges {
  std::vector<OrderRow> orders;  // oldest change first
  std::vector<ExecutionRow> executions;
  std::uint64_t last_index = 0;  // of what the blotter holds
  bool more = false;             // the limit cut it short
};

class BlotterQueries {
 public:
  BlotterQueries(std::string url, std::string gateway_id) : url_(std::move(url)), gateway_id_(std::move(gateway_id)) {}

  StoreResult<BlotterPage<OrderRow>> orders(const BlotterFilter& filter);
  StoreResult<std::optional<OrderHistory>> order(const std::string& order_id);
  StoreResult<BlotterPage<ExecutionRow>> executions(const BlotterFilter& filter);
  StoreResult<BlotterPage<DecisionRow>> decisions(const BlotterFilter& filter);
  // At most `limit` of each, with a journal index above `after`; in whole records, so that none is missed by going on
  // from the last index seen; a single record that changed more than the limit comes whole.
  StoreResult<BlotterChanges> changes(std::uint64_t after, std::uint32_t limit);
  // Of an account, or of all; account "" is not an account but suspense, and comes with all.
  StoreResult<std::vector<PositionRow>> positions(const std::string& account);
  StoreResult<ReportRows> report(const Report& report, const ReportFilter& filter);
  // Where an order stands in the journal, oldest first; and its decisions.
  StoreResult<std::vector<OrderRecordRow>> order_records(std::int64_t order_number);
  StoreResult<std::vector<DecisionRow>> order_decisions(std::int64_t order_number);
  // The configuration that was in force at that time, the newest without one; nothing before the first.
  StoreResult<std::optional<ConfigurationRow>> configuration(std::optional<std::int64_t> at_ns);
  // Up to and at that time, oldest first.
  StoreResult<std::vector<LimitChangeRow>> limit_changes(std::optional<std::int64_t> to_ns);
  // Of FIX sessions, by SessionId.
  StoreResult<std::vector<NameRow>> session_names();
  // The newest, at most `limit`, of before a journal index.
  StoreResult<std::vector<AuditRow>> audit(std::optional<std::int64_t> before, std::uint32_t limit);

 private:
  // The columns of the table, called t, behind `with` and before `rest`, which begins with what else is joined. From
  // the table itself: where none of the rows is an ordinary one.
  template <typename R>
  StoreResult<std::vector<R>> select(const std::string& rest, std::span<const Value> parameters,
                                     const std::string& with = "", const std::string& before = "",
                                     bool from_table = false);
  template <typename R>
  StoreResult<BlotterPage<R>> page(const BlotterFilter& filter, BlockKind kind);
  StoreResult<std::vector<Row>> rows(const std::string& statement, std::span<const Value> parameters,
                                     std::span<const ColumnType> types);
  struct Touched;
  StoreResult<Touched> touched(std::uint64_t after, const std::string& condition, const std::string& limit);
  StoreResult<> complete(std::vector<DecisionRow>& decisions);
  StoreResult<std::vector<ExecutionRow>> order_executions(std::int64_t order_number);
  StoreResult<BlotterStore*> store();

  const std::string url_;
  const std::string gateway_id_;
  std::unique_ptr<BlotterStore> store_;
  DecisionReader reader_;
};

}  // namespace portcullis::persistence
