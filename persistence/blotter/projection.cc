#include "persistence/blotter/projection.h"

#include "order/events.h"
#include "persistence/blotter/fold_values.h"
#include "persistence/frame.h"

namespace portcullis::persistence {

using order::EventType;

StoreResult<Progress> Projection::load() {
  auto progress = read_progress(store_);
  if (!progress) return progress.error();
  progress_ = taken_ = *progress;
  const auto types = column_types(kNamesTable);
  auto rows = store_.query("SELECT " + column_list(kNamesTable) + " FROM names", {}, types);
  if (!rows) return rows.error();
  for (const Row& row : *rows) {
    NameRow name;
    from_row(row, name);
    keep_name(static_cast<order::NameKind>(name.kind), static_cast<std::uint32_t>(name.idx), name.name,
              static_cast<std::uint32_t>(name.owner));
  }
  auto newest = store_.query(
      "SELECT " + column_list(kConfigurationsTable) + " FROM configurations ORDER BY journal_index DESC LIMIT 1", {},
      column_types(kConfigurationsTable));
  if (!newest) return newest.error();
  if (!newest->empty()) from_row(newest->front(), configuration_);
  configuration_.content.clear();
  return progress_;
}

StoreResult<> Projection::add(const Position& position, const gateway::RecordView& record) {
  RecordContext& context = context_;
  context.index = static_cast<std::int64_t>(position.index);
  context.time_ns = record.header().time_ns;
  context.day = static_cast<std::int32_t>(day_of(context.time_ns));
  context.seq = 0;
  context.session = record.header().session;
  context.offset = static_cast<std::int64_t>(position.offset);
  context.input = record.input();
  context.view = &record;
  context.decisions.clear();
  context.orders.clear();
  texts_.clear();
  if (record.header().kind == gateway::InputKind::kCommand) audit(context, "", "command", "", text_of(record.input()));
  if (record.header().kind == gateway::InputKind::kStart) on_start(record, context);
  if (record.header().kind == gateway::InputKind::kConfigure) {
    on_configure(record, context);
    audit(context, "", "configure", "", std::to_string(record.input().size()) + " bytes");
  }
  StoreResult<> result = kFine;
  const bool whole = record.for_each_event([&](const order::EventView& event) {
    if (result) result = apply(event, context);
  });
  if (!result) return result;
  if (!whole) return StoreError{"record " + std::to_string(position.index) + ": its events are malformed"};
  if (auto finished = finish_decisions(context); !finished) return finished;
  finish_orders(context);
  progress_.last = position;
  return kFine;
}

StoreResult<> Projection::apply(const order::EventView& event, RecordContext& record) {
  note_order(subject_of(event), record);
  note_report(event, record);
  switch (event.type()) {
    case EventType::kEpochStarted:
      progress_.epoch = event.as<order::EpochStarted>().epoch;
      audit(record, "", "start", "", "epoch " + std::to_string(progress_.epoch));
      return kFine;
    case EventType::kNameAdded:
      return on(event.as<order::NameAdded>());
    case EventType::kSessionChanged:
      return on(event.as<order::SessionChanged>(), record);
    case EventType::kSequenceReset:
      return on(event.as<order::SequenceReset>(), record);
    case EventType::kDecided:
      return on_decided(event, record);
    case EventType::kOrderAccepted:
      return on(order::AcceptedView(event), record);
    case EventType::kOrderRejected:
      return on(event.as<order::OrderRejected>(), record);
    case EventType::kOrderRouted:
      return on(event.as<order::OrderRouted>(), record);
    case EventType::kCancelRequested:
      return on(event.as<order::CancelRequested>(), record);
    case EventType::kReplaceRequested:
      return on(event.as<order::ReplaceRequested>(), record);
    case EventType::kRequestRefused:
      return on(event.as<order::RequestRefused>(), record);
    case EventType::kExecutionApplied:
      return on(order::ExecutionView(event), record);
    case EventType::kRequestRejected:
      return on(event.as<order::RequestRejected>(), record);
    case EventType::kOrderUnknown:
      return on(event.as<order::OrderUnknown>(), record);
    case EventType::kReportSuspended:
      return on(event.as<order::ReportSuspended>(), record);
    case EventType::kAlertRaised:
      return on(event.as<order::AlertRaised>(), record);
    case EventType::kAlertAcknowledged:
      return on(event.as<order::AlertAcknowledged>(), record);
    case EventType::kScopeStateSet:
      return on(event.as<order::ScopeStateSet>(), record);
    case EventType::kControlLatched:
      return on(event.as<order::ControlLatched>(), record);
    case EventType::kControlRearmed:
      return on(event.as<order::ControlRearmed>(), record);
    case EventType::kLimitSet:
      return on(event.as<order::LimitSet>(), record);
    case EventType::kHoldChanged:
      return on(event.as<order::HoldChanged>(), record);
    case EventType::kBrokerPhaseChanged:
      return on(event.as<order::BrokerPhaseChanged>(), record);
    case EventType::kMassCancelStarted:
      return on(event.as<order::MassCancelStarted>(), record);
    case EventType::kSessionEnabled:
      return on(event.as<order::SessionEnabled>(), record);
    case EventType::kProposed:
      return on(event.as<order::Proposed>(), record);
    case EventType::kProposalDecided:
      return on(event.as<order::ProposalDecided>(), record);
    case EventType::kPositionAdjusted:
      return on(event.as<order::PositionAdjusted>(), record);
    case EventType::kMassCancelFinished:
      return on(event.as<order::MassCancelFinished>(), record);
    case EventType::kMassCancelEscalated:
      return on(event.as<order::MassCancelEscalated>(), record);
    case EventType::kOperatorListed:
      return on(event.as<order::OperatorListed>(), record);
    case EventType::kExposureSampled:
      return on_exposure_sampled(event, record);
    case EventType::kShadowDecided:
      return on(event.as<order::ShadowDecided>(), record);
    // The message store, the market and the groups of clients, which have no rows.
    case EventType::kClientGrouped:
    case EventType::kContractSized:
    case EventType::kTargetAdvanced:
    case EventType::kMessagesWritten:
    case EventType::kReportsReissued:
    case EventType::kLimitProposed:
    case EventType::kDrillAdvanced:
    case EventType::kAudited:
    case EventType::kStatusAnswered:
    case EventType::kMessageRefused:
    case EventType::kStatusRequested:
    case EventType::kQuoteSet:
    case EventType::kRateSet:
    case EventType::kDayRolled:
    case EventType::kEntriesGivenBack:   // rows stay
    case EventType::kBuildStarted:       // on_start has it
    case EventType::kLimitLevelCrossed:  // its alert has one
    case EventType::kBreakerTold:
    case EventType::kDriftWindowOpened:
    case EventType::kSwapReserved:  // the order and its executions have what people ask for
    case EventType::kSwapBooked:
    case EventType::kBrokerMassCancelRequested:  // its mass cancel has a row
      return kFine;
  }
  // Of a later version that added an event: its own rows are missing, and rebuild makes them there.
  return kFine;
}

// Rows that never change, waiting to be written.
std::array<std::pair<const Table*, RowBatch*>, Projection::kAddedTables> Projection::added_rows() {
  return {{{&kNamesTable, &new_names_},
           {&kRefusalsTable, &new_refusals_},
           {&kExecutionsTable, &new_ordinary_executions_},
           {&kExecutionsTable, &new_executions_},
           {&kDecisionsTable, &new_ordinary_decisions_},
           {&kDecisionsTable, &new_decisions_},
           {&kConfigurationsTable, &new_configurations_},
           {&kOperatorsTable, &new_operators_},
           {&kLimitChangesTable, &new_limit_changes_},
           {&kStateChangesTable, &new_state_changes_},
           {&kExposureSamplesTable, &new_exposure_samples_},
           {&kShadowDecisionsTable, &new_shadow_decisions_},
           {&kOrderRecordsTable, &new_order_records_},
           {&kAuditTable, &new_audit_},
           {&kCheckPlansTable, &new_check_plans_}}};
}

void Projection::take(std::uint64_t journal_id, WriteBatch& into) {
  progress_.journal_id = hexadecimal(journal_id);
  into.from = taken_;
  into.to = taken_ = progress_;
  std::size_t used = 0;
  // An empty batch for the table, in memory that the last transaction of this WriteBatch has used.
  const auto next = [&](const Table& table, bool stored, bool ordinary = false) -> RowBatch& {
    if (used == into.rows.size()) {
      into.rows.emplace_back();
      if (ordinary) into.rows.back().rows = RowBatch::of_ordinary_rows();
    }
    WriteBatch::Rows& rows = into.rows[used++];
    rows.table = &table;
    rows.stored = stored;
    rows.rows.clear();
    return rows.rows;
  };
  for (const auto& [table, rows] : added_rows()) std::swap(next(*table, false, rows->ordinary()), *rows);
  const auto changed = [&](const Table& table, auto& cache, auto over, std::size_t most) {
    next(table, false);
    next(table, true);
    cache.take_changed(into.rows[used - 2].rows, into.rows[used - 1].rows, over, most);
  };
  const auto never = [](const auto&) { return false; };
  const auto full = [&](const auto& row) {
    return row.block != open_blocks_[static_cast<std::size_t>(row.kind)].block;
  };
  changed(
      kOrdersTable, orders_, [](const FoldedOrder& row) { return row.is_open == 0; }, kept_over_);
  changed(
      kRequestsTable, requests_, [](const RequestRow& row) { return row.status != "pending"; }, kept_over_);
  changed(kBlocksTable, blocks_, full, 0);
  changed(kBlockAccountsTable, block_accounts_, full, 0);
  changed(kPositionsTable, positions_, never, 0);
  for (CheckPlace* place : changed_places_) hand_over(*place);
  changed_places_.clear();
  changed(kLimitUseTable, limit_use_, never, 0);
  changed(
      kAlertsTable, alerts_, [](const AlertRow&) { return true; }, kept_over_);
  pending_ = 0;
  bound_memory();
}

StoreResult<> Projection::write(std::uint64_t journal_id) {
  take(journal_id, batch_);
  return persistence::write(store_, batch_);
}

// All rows here are written, or taken to be, so any of them may be forgotten.
void Projection::bound_memory() {
  orders_.shrink();
  requests_.shrink();
  if (positions_.shrink()) known_positions_.clear();
  if (limit_use_.shrink()) {
    for (auto& [key, place] : check_places_) place.use = nullptr;
    counted_by_.clear();
  }
  // Few are open; one may be left of each batch.
  if (blocks_.shrink(kKeptBlocks)) {
    for (OpenBlock& open : open_blocks_) open.entry = nullptr;
  }
  if (block_accounts_.shrink(kKeptBlocks)) {
    for (OpenBlock& open : open_blocks_) open.listed = nullptr;
  }
  if (plans_.size() > kCachedPlans) {
    plans_.clear();
    near_plans_.clear();
  }
}

}  // namespace portcullis::persistence
