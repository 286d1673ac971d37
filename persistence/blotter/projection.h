#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "gateway/record.h"
#include "order/evidence.h"
#include "order/governance.h"
#include "order/latch_events.h"
#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/rows.h"
#include "persistence/blotter/store.h"
#include "persistence/blotter/write_batch.h"
#include "persistence/recovery.h"

// From journal records to rows: the fold that the projector and a rebuild share. The rows are a function of the
// records alone, so that dropping and projecting again gives the same ones. One thread.

namespace portcullis::persistence {

class Projection {
 public:
  // The store is borrowed for reads of rows that are not cached, and for write(). Who writes what take() gave elsewhere
  // has `before_read` wait until that is written: a row is read where it was forgotten, and only what was taken is.
  // `kept_over`: of ProjectorOptions.
  Projection(BlotterStore& store, std::string gateway_id, std::size_t kept_over,
             std::function<StoreResult<>()> before_read = nullptr)
      : store_(store),
        gateway_id_(std::move(gateway_id)),
        kept_over_(kept_over),
        before_read_(std::move(before_read)) {}

  // Reads the names and the progress. The tables are there.
  StoreResult<Progress> load();

  // Folds one record in. The error means that the store could not be read, or that the record is not one.
  StoreResult<> add(const Position& position, const gateway::RecordView& record);
  // Rows that are waiting to be written.
  std::size_t pending() const { return pending_; }

  // Hands over all that was folded since the last time, and the progress, for one transaction. The journal is that of
  // the progress, or the first one. What `into` had is gone, and its memory used again. Batches are written in the
  // order in which they were taken; after an error this projection is of no more use: load a new one.
  void take(std::uint64_t journal_id, WriteBatch& into);
  // Takes and writes.
  StoreResult<> write(std::uint64_t journal_id);

 private:
  // What a name's index stands for, and what it belongs to (order::NameAdded). All names of the same text are one,
  // which stays where it is.
  struct KnownName {
    std::string text;
    std::uint32_t number = 0;
    std::array<std::int64_t, 3> listed_in{-1, -1, -1};  // as an account: the last block of each kind that names it
  };
  struct Name {
    KnownName* known = nullptr;
    std::uint32_t owner = 0;
  };
  // An order's row as it is folded, with views of names and words; of an order that was read, and of names that are
  // none, of texts of its own.
  struct FoldedOrder : OrderColumns<std::string_view> {
    KnownName* known_account = nullptr;  // null: it is none
    KnownName* known_symbol = nullptr;
    std::unique_ptr<const OrderRow> own;
  };
  static const OrderColumns<std::string_view>& columns_of(const FoldedOrder& row) { return row; }
  template <typename R>
  static const R& columns_of(const R& row) {
    return row;
  }
  static void make_new(FoldedOrder& row);
  template <typename R>
  static void make_new(R& row) {
    row = R();
  }

  // Rows by their key, and which of them have changed since the last write: a batch costs what it changes, whatever is
  // cached.
  template <typename Map>
  class RowCache {
   public:
    using Key = typename Map::key_type;
    using Entry = typename Map::mapped_type;  // Cached<R, Key>

    Entry* find(const Key& key) {
      const auto found = rows_.find(key);
      return found == rows_.end() ? nullptr : &found->second;
    }
    // A new one stands where one was that has been forgotten, if there is any: with the memory of its texts.
    Entry& put(const Key& key) {
      if (forgotten_.empty()) {
        const auto at = rows_.try_emplace(key).first;
        at->second.key = &at->first;
        return at->second;
      }
      auto node = std::move(forgotten_.back());
      forgotten_.pop_back();
      if (!forgotten_.empty()) prefetch(forgotten_.back().mapped());  // for the next one
      node.key() = key;
      make_new(node.mapped().row);
      node.mapped().dirty = node.mapped().stored = node.mapped().over = false;
      auto put = rows_.insert(std::move(node));
      if (!put.inserted) forgotten_.push_back(std::move(put.node));
      put.position->second.key = &put.position->first;
      return put.position->second;
    }
    // True when it was not changed before.
    bool change(Entry& entry) {
      if (entry.dirty) return false;
      entry.dirty = true;
      changed_.push_back(&entry);  // Entries of a node-based map stay where they are.
      return true;
    }
    // The changed rows, those that the store does not have yet apart; none is changed any longer, and all are there.
    // Of those that `over` says, the last `most` are kept.
    template <typename Over>
    void take_changed(RowBatch& fresh, RowBatch& stored, Over over, std::size_t most) {
      fresh.clear();
      stored.clear();
      for (std::size_t i = 0; i < changed_.size(); ++i) {
        Entry* const entry = changed_[i];
        if (i + kRowsAhead < changed_.size()) prefetch(*changed_[i + kRowsAhead]);
        append_row(columns_of(entry->row), entry->stored ? stored : fresh);
        entry->dirty = false;
        entry->stored = true;
        if (entry->over || !over(entry->row)) continue;
        entry->over = true;
        over_.push_back(entry->key);
      }
      changed_.clear();
      for (; over_.size() > most; over_.pop_front()) {
        const auto found = rows_.find(*over_.front());
        if (over(found->second.row)) {
          auto node = rows_.extract(found);
          if (forgotten_.size() < kMostForgotten) forgotten_.push_back(std::move(node));
        } else {
          found->second.over = false;  // It was taken up again.
        }
      }
    }
    // After a write: where there are too many, forgets all. True when it did.
    bool shrink(std::size_t most = kCachedRows) {
      if (rows_.size() <= most) return false;
      rows_.clear();
      over_.clear();
      return true;
    }

   private:
    static constexpr std::size_t kRowsAhead = 3;
    // As many as some batches make over; what a day had at most is not held for ever.
    static constexpr std::size_t kMostForgotten = 16'384;
    // Rows that were not touched for a while are no longer in the processor's caches.
    static void prefetch(const Entry& entry) {
      constexpr std::size_t kLine = 64;
      const char* const bytes = reinterpret_cast<const char*>(&entry);
      for (std::size_t at = 0; at < sizeof entry; at += kLine) __builtin_prefetch(bytes + at, 1);
    }

    Map rows_;
    std::vector<typename Map::node_type> forgotten_;
    std::vector<Entry*> changed_;
    std::deque<const Key*>
        over_;  // of rows that nothing is expected to change any more, in the order in which that came
  };
  template <typename R, typename Key>
  struct Cached {
    R row;
    const Key* key = nullptr;
    bool dirty = false;
    bool stored = false;  // the store has a row of this key
    bool over = false;    // among those of which the last ones are kept
  };
  // Rows are kept in memory while something may change them, kept_over_ of those that are over, and no more than this.
  static constexpr std::size_t kKeptBlocks = 64;
  static constexpr std::size_t kCachedRows = 400'000;
  using Orders = RowCache<std::unordered_map<std::int64_t, Cached<FoldedOrder, std::int64_t>>>;
  using Requests = RowCache<std::unordered_map<std::int64_t, Cached<RequestRow, std::int64_t>>>;
  using BlockNumber = std::pair<std::int64_t, std::int64_t>;  // kind and number
  using Blocks = RowCache<std::map<BlockNumber, Cached<BlockRow, BlockNumber>>>;
  using BlockAccounts = RowCache<std::map<BlockNumber, Cached<BlockAccountsRow, BlockNumber>>>;
  using PositionKey = std::pair<std::string, std::string>;  // account and symbol
  using Positions = RowCache<std::map<PositionKey, Cached<PositionRow, PositionKey>>>;
  using PendingDecision = DecisionColumns<std::string_view>;
  using PendingExecution = ExecutionColumns<std::string_view>;
  // An order that the record is about; covered: it is found from a decision or an execution.
  struct NotedOrder {
    order::OrderNumber number;
    bool covered = false;
  };
  struct RecordContext {
    std::int64_t index = 0;
    std::int64_t time_ns = 0;
    std::int32_t day = 0;  // of time_ns, since 1970
    std::int64_t seq = 0;  // counts the rows of this record that have no number of their own
    order::SessionId session;
    std::string_view input;
    const gateway::RecordView* view = nullptr;
    std::int64_t input_offset = 0;           // global, in the journal
    std::int64_t offset = 0;                 // global, of its frame
    std::vector<PendingDecision> decisions;  // complete when all events of the record are folded
    std::vector<NotedOrder> orders;
  };
  // Decisions ask much the same limits of the same nodes, one after the other.
  using LimitUseKey = std::array<std::string, 4>;
  using LimitUse = RowCache<std::map<LimitUseKey, Cached<LimitUseRow, LimitUseKey>>>;
  // A control, a scope and a node that decisions ask. What each of them moves is one line of memory: the entry of
  // limit_use_ is given the figures when it is taken.
  struct alignas(64) CheckPlace {
    LimitUseFigures figures;         // of `day`
    std::int32_t day = 0;            // since 1970
    bool counts = false;             // as use of a limit
    bool changed = false;            // `use` does not have the figures, and this is one of changed_places_
    LimitUse::Entry* use = nullptr;  // null: not looked for yet
  };
  // Which checks a decision made: a row of check_plans.
  struct PlannedCheck {
    std::uint64_t key = 0;        // control, scope and node
    std::int64_t limit = 0;       // as the row has it
    CheckPlace* place = nullptr;  // of check_places_
  };
  struct CheckPlan {
    std::int64_t number = 0;
    std::vector<PlannedCheck> checks;
  };
  // A power of two, and some times as many as a thousand accounts have plans: two that meet are sought anew each time.
  static constexpr std::size_t kNearPlans = 32'768;
  static constexpr std::size_t kCachedPlans = 20'000;
  // The block of each kind that is being filled, and whose accounts it has.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct OpenBlock {
    std::int64_t block = -1;
    std::unordered_set<std::string, TextHash, std::equal_to<>> accounts;  // those that are no name
    BlockAccounts::Entry* listed = nullptr;                               // null: not looked for yet
    Blocks::Entry* entry = nullptr;                                       // likewise
  };

  StoreResult<> apply(const order::EventView& event, RecordContext& record);
  StoreResult<> on(const order::NameAdded& event);
  StoreResult<> on(const order::SessionChanged& event, RecordContext& record);
  StoreResult<> on(const order::SequenceReset& event, RecordContext& record);
  StoreResult<> on_decided(const order::EventView& event, RecordContext& record);
  StoreResult<> on(order::AcceptedView event, RecordContext& record);
  StoreResult<> on(const order::OrderRejected& event, RecordContext& record);
  StoreResult<> on(const order::OrderRouted& event, RecordContext& record);
  StoreResult<> on(const order::CancelRequested& event, RecordContext& record);
  StoreResult<> on(const order::ReplaceRequested& event, RecordContext& record);
  StoreResult<> on(const order::RequestRefused& event, RecordContext& record);
  StoreResult<> on(order::ExecutionView event, RecordContext& record);
  StoreResult<> on(const order::RequestRejected& event, RecordContext& record);
  StoreResult<> on(const order::OrderUnknown& event, RecordContext& record);
  StoreResult<> on(const order::ReportSuspended& event, RecordContext& record);
  StoreResult<> on(const order::AlertRaised& event, RecordContext& record);
  StoreResult<> on(const order::AlertAcknowledged& event, RecordContext& record);
  StoreResult<> on(const order::ScopeStateSet& event, RecordContext& record);
  StoreResult<> on(const order::ControlLatched& event, RecordContext& record);
  StoreResult<> on(const order::ControlRearmed& event, RecordContext& record);
  StoreResult<> on(const order::LimitSet& event, RecordContext& record);
  StoreResult<> on(const order::Proposed& event, RecordContext& record);
  StoreResult<> on(const order::ProposalDecided& event, RecordContext& record);
  StoreResult<> on(const order::PositionAdjusted& event, RecordContext& record);
  StoreResult<> on(const order::MassCancelFinished& event, RecordContext& record);
  StoreResult<> on(const order::MassCancelEscalated& event, RecordContext& record);
  StoreResult<> on(const order::SessionEnabled& event, RecordContext& record);
  StoreResult<> on(const order::HoldChanged& event, RecordContext& record);
  StoreResult<> on(const order::BrokerPhaseChanged& event, RecordContext& record);
  StoreResult<> on(const order::MassCancelStarted& event, RecordContext& record);
  StoreResult<> on(const order::OperatorListed& event, RecordContext& record);
  StoreResult<> on_exposure_sampled(const order::EventView& view, RecordContext& record);
  StoreResult<> on(const order::ShadowDecided& event, RecordContext& record);
  CheckPlace& place_of(const order::CheckResult& check, std::uint64_t key);
  StoreResult<const CheckPlan*> plan_of(std::span<const order::CheckResult> checks);
  StoreResult<const CheckPlan*> find_plan(std::span<const order::CheckResult> checks);
  StoreResult<> note_limit_use(const order::CheckResult& check, CheckPlace& place, const RecordContext& record);
  StoreResult<> find_limit_use(const order::CheckResult& check, CheckPlace& place, const RecordContext& record);
  static void hand_over(CheckPlace& place);
  void note_order(order::OrderNumber number, RecordContext& record);
  void cover_order(order::OrderNumber number, RecordContext& record);
  void finish_orders(const RecordContext& record);
  StoreResult<> add_execution(PendingExecution& execution, bool ordinary, order::OrderNumber number, KnownName* account,
                              RecordContext& record);
  // `known`: the account's name, where the caller has it.
  StoreResult<> note_place(BlockKind kind, std::int64_t number, std::string_view account, KnownName* known,
                           const RecordContext& record);
  template <typename Cache>
  StoreResult<typename Cache::Entry*> open_block_row(Cache& cache, std::int64_t kind, std::int64_t number);
  void keep_request(FoldedOrder& order);
  // Rows for reports, beside those that on() makes of the same event.
  void note_report(const order::EventView& event, RecordContext& record);
  void note(const order::ScopeStateSet& event, RecordContext& record);
  void note(const order::MassCancelStarted& event, RecordContext& record);
  void note(const order::LimitSet& event, RecordContext& record);
  void note(const order::MassCancelFinished& event, RecordContext& record);
  void note(const order::ControlLatched& event, RecordContext& record);
  void note(const order::ControlRearmed& event, RecordContext& record);
  void add_state_change(order::Scope scope, std::uint32_t id, StateChangeRow row, RecordContext& record);
  StoreResult<> finish_decisions(RecordContext& record);
  std::string_view text_of_answer(const RecordContext& record);  // Text(58)
  StoreResult<> finish_decision(PendingDecision& row, const struct MessageFacts& facts, RecordContext& record);
  void on_start(const gateway::RecordView& record, RecordContext& context);
  void on_configure(const gateway::RecordView& record, RecordContext& context);

  // The row, from the cache or the store; null when there is none.
  StoreResult<Orders::Entry*> find_order(order::OrderNumber number);
  StoreResult<FoldedOrder*> order(order::OrderNumber number);  // Marked as changed.
  StoreResult<Requests::Entry*> request(order::OrderNumber order, order::RequestNumber number);
  template <typename Cache>
  void change(Cache& cache, typename Cache::Entry& entry) {
    if (cache.change(entry)) ++pending_;
  }
  void set_order_id(FoldedOrder& row, order::OrderNumber number) const;
  StoreResult<> book(const FoldedOrder& order, const order::Booking& booking, const RecordContext& record);
  StoreResult<Positions::Entry*> position(std::string_view account, std::string_view client, std::string_view symbol);
  StoreResult<> move(Positions::Entry& position, const order::Booking& booking, const RecordContext& record);
  template <typename R, typename Key>
  StoreResult<std::optional<R>> read_row(std::span<const Key> keys);
  void audit(RecordContext& record, std::string actor, std::string action, std::string subject, std::string detail);
  template <typename R>
  void add_row(RowBatch& rows, const R& row) {
    append_row(row, rows);
    ++pending_;
  }
  template <typename Cache, typename R>
  void put_row(Cache& cache, const typename Cache::Key& key, R row);

  const std::string& name(order::NameKind kind, std::uint64_t index) const;
  template <typename Id>
  const std::string& name(order::NameKind kind, Id id) const {
    return name(kind, id.has_value() ? std::uint64_t{id.value()} : UINT64_MAX);
  }
  KnownName* known(order::NameKind kind, std::uint64_t index) const;
  template <typename Id>
  KnownName* known(order::NameKind kind, Id id) const {
    return known(kind, id.has_value() ? std::uint64_t{id.value()} : UINT64_MAX);
  }
  KnownName* find_known(std::string_view text) const;
  void keep_name(order::NameKind kind, std::uint32_t index, std::string_view text, std::uint32_t owner);
  std::uint32_t owner_of(order::NameKind kind, std::uint64_t index) const;
  const std::string& scope_name(order::Scope scope, std::uint32_t id) const;
  static constexpr std::size_t kAddedTables = 15;
  std::array<std::pair<const Table*, RowBatch*>, kAddedTables> added_rows();
  void bound_memory();

  BlotterStore& store_;
  const std::string gateway_id_;  // part of the ids that the gateway gives
  const std::size_t kept_over_;
  const std::function<StoreResult<>()> before_read_;
  Progress progress_;  // with what was folded
  Progress taken_;     // as it stands in the database when all that was taken is written
  std::deque<KnownName> known_names_;
  std::unordered_map<std::string_view, KnownName*> known_by_text_;
  std::vector<std::vector<Name>> names_;                          // by kind and index
  std::map<std::string, std::uint32_t, std::less<>> currencies_;  // of an instrument, by its symbol: base << 16 | term
  ConfigurationRow configuration_;                                // of the records being folded

  Orders orders_;
  Requests requests_;
  Blocks blocks_;
  BlockAccounts block_accounts_;
  Positions positions_;
  std::unordered_map<std::uint64_t, Positions::Entry*> known_positions_;  // by the numbers of account and symbol
  RowCache<std::unordered_map<std::int64_t, Cached<AlertRow, std::int64_t>>> alerts_;
  RowBatch new_names_;
  RowBatch new_refusals_;
  RowBatch new_ordinary_executions_ = RowBatch::of_ordinary_rows();
  RowBatch new_executions_;
  RowBatch new_ordinary_decisions_ = RowBatch::of_ordinary_rows();
  RowBatch new_decisions_;
  LimitUse limit_use_;  // check_places_ points into it
  std::unordered_map<const LimitUse::Entry*, CheckPlace*> counted_by_;
  std::vector<CheckPlace*> changed_places_;
  RowBatch new_configurations_;
  RowBatch new_operators_;
  RowBatch new_limit_changes_;
  RowBatch new_state_changes_;
  RowBatch new_exposure_samples_;
  RowBatch new_shadow_decisions_;
  RowBatch new_order_records_;
  RowBatch new_audit_;
  RowBatch new_check_plans_;
  std::unordered_map<std::uint64_t, CheckPlace> check_places_;
  std::unordered_map<std::uint64_t, CheckPlan> plans_;  // by their numbers
  std::vector<const CheckPlan*> near_plans_;            // of plans_, some of those that were asked last
  std::array<OpenBlock, 3> open_blocks_;                // by kind
  RecordContext context_;                               // of the record that is being folded
  RecordTexts texts_;                                   // of the same
  std::deque<std::string> kept_checks_;                 // of its decisions
  std::vector<order::CheckResult> checks_;              // of the decision being folded
  std::vector<std::uint64_t> keys_;                     // theirs
  WriteBatch batch_;                                    // of write()
  std::size_t pending_ = 0;
};

template <typename R, typename Key>
StoreResult<std::optional<R>> Projection::read_row(std::span<const Key> keys) {
  const Table& table = table_of<R>();
  std::string where;
  std::vector<Value> parameters;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    where += (i > 0 ? " AND " : "") + std::string(table.columns[i].name) + " = $" + std::to_string(i + 1);
    parameters.emplace_back(keys[i]);
  }
  if (before_read_) {
    if (auto ready = before_read_(); !ready) return ready.error();
  }
  const auto types = column_types(table);
  auto rows = store_.query("SELECT " + column_list(table) + " FROM " + std::string(table.name) + " WHERE " + where,
                           parameters, types);
  if (!rows) return rows.error();
  if (rows->empty()) return std::optional<R>();
  R row;
  from_row(rows->front(), row);
  return std::optional<R>(std::move(row));
}

template <typename Cache, typename R>
void Projection::put_row(Cache& cache, const typename Cache::Key& key, R row) {
  auto& entry = cache.put(key);
  entry.row = std::move(row);
  change(cache, entry);
}

}  // namespace portcullis::persistence
