#include "config/config.h"
#include "persistence/blotter/evidence.h"
#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/projection.h"
#include "risk/limits.h"

// What the reports stand on: use and changes of limits, states, sampled exposures, who may act, shadow decisions, and
// where each order stands in the journal. Beside the audit, which has the same in words.

namespace portcullis::persistence {

Projection::CheckPlace& Projection::place_of(const order::CheckResult& check, std::uint64_t key) {
  const auto [found, added] = check_places_.try_emplace(key);
  if (added) found->second.counts = counts_as_use(check.control);
  return found->second;
}

StoreResult<> Projection::note_limit_use(const order::CheckResult& check, CheckPlace& place,
                                         const RecordContext& record) {
  if (place.use == nullptr || place.day != record.day) {
    if (auto found = find_limit_use(check, place, record); !found) return found;
  }
  if (!place.changed) {
    place.changed = true;
    changed_places_.push_back(&place);
    change(limit_use_, *place.use);
  }
  LimitUseFigures& figures = place.figures;
  // What a refused message would have added is no use of the limit.
  const std::int64_t delta = check.passed != 0 ? check.delta : 0;
  const std::int64_t use = thousandths_of(check.usage, delta, check.limit);
  ++figures.checks;
  figures.refused += check.passed == 0 ? 1 : 0;
  figures.use_sum += use;
  if (use > figures.use_peak || figures.checks == 1) {
    figures.use_peak = use;
    figures.peak_usage = check.usage + delta;
    figures.peak_limit = check.limit;
    figures.peak_ns = record.time_ns;
  }
  return kFine;
}

// What was counted on another day is left to the entry of that day.
StoreResult<> Projection::find_limit_use(const order::CheckResult& check, CheckPlace& place,
                                         const RecordContext& record) {
  const std::array<std::string, 4> key{date_of(record.time_ns), std::string(to_string(check.control)),
                                       std::string(to_string(check.scope)), scope_name(check.scope, check.node)};
  auto* found = limit_use_.find(key);
  if (found == nullptr) {
    auto stored = read_row<LimitUseRow>(std::span<const std::string>(key));
    if (!stored) return stored.error();
    found = &limit_use_.put(key);
    if (*stored) {
      found->row = std::move(**stored);
      found->stored = true;
    } else {
      found->row.date = key[0];
      found->row.control = key[1];
      found->row.scope = key[2];
      found->row.node = key[3];
    }
  }
  if (place.use != nullptr) {
    hand_over(place);
    counted_by_.erase(place.use);
  }
  CheckPlace*& counts = counted_by_[found];
  if (counts != nullptr) {  // Another node of the same name.
    hand_over(*counts);
    counts->use = nullptr;
  }
  counts = &place;
  place.figures = found->row;
  place.use = found;
  place.day = record.day;
  return kFine;
}

void Projection::hand_over(CheckPlace& place) {
  if (!place.changed) return;
  static_cast<LimitUseFigures&>(place.use->row) = place.figures;
  place.changed = false;
}

// The orders that the record is about: few, and nearly always one.
void Projection::note_order(order::OrderNumber number, RecordContext& record) {
  if (!number.has_value()) return;
  for (const NotedOrder& noted : record.orders) {
    if (noted.number == number) return;
  }
  record.orders.push_back(NotedOrder{number});
}

void Projection::cover_order(order::OrderNumber number, RecordContext& record) {
  for (NotedOrder& noted : record.orders) {
    if (noted.number == number) noted.covered = true;
  }
}

void Projection::finish_orders(const RecordContext& record) {
  for (const NotedOrder& noted : record.orders) {
    if (noted.covered) continue;
    add_row(new_order_records_,
            OrderRecordRow{static_cast<std::int64_t>(noted.number.value()), record.index, record.offset});
  }
}

void Projection::note_report(const order::EventView& event, RecordContext& record) {
  switch (event.type()) {
    case order::EventType::kScopeStateSet:
      return note(event.as<order::ScopeStateSet>(), record);
    case order::EventType::kMassCancelStarted:
      return note(event.as<order::MassCancelStarted>(), record);
    case order::EventType::kLimitSet:
      return note(event.as<order::LimitSet>(), record);
    case order::EventType::kMassCancelFinished:
      return note(event.as<order::MassCancelFinished>(), record);
    case order::EventType::kControlLatched:
      return note(event.as<order::ControlLatched>(), record);
    case order::EventType::kControlRearmed:
      return note(event.as<order::ControlRearmed>(), record);
    default:
      return;
  }
}

void Projection::note(const order::ScopeStateSet& event, RecordContext& record) {
  StateChangeRow row;
  row.kind = "state";
  row.state = to_string(event.state);
  row.maker = text_of(event.user.view());
  row.checker = text_of(event.checker.view());
  row.detail = text_of(event.reason.view());
  if (!event.ticket.empty()) row.detail += " (" + text_of(event.ticket.view()) + ")";
  add_state_change(event.scope, event.id, std::move(row), record);
}

void Projection::note(const order::MassCancelStarted& event, RecordContext& record) {
  StateChangeRow row;
  row.kind = event.drill != 0 ? "drill" : "mass_cancel";
  row.maker = text_of(event.user.view());
  row.detail = "run " + std::to_string(event.run) + ", " + text_of(event.origin) +
               (event.day_only != 0 ? ", day orders only" : "");
  if (!event.reason.empty()) row.detail += ": " + text_of(event.reason.view());
  add_state_change(event.scope, event.id, std::move(row), record);
}

// Its times: how long until the last cancel was sent, and until none of the orders was open any more.
void Projection::note(const order::MassCancelFinished& event, RecordContext& record) {
  const auto seconds = [&](UtcTime time) {
    const std::string ms = std::to_string((time - event.started).ms() % 1000);
    return std::to_string((time - event.started).ms() / 1000) + "." + std::string(3 - ms.size(), '0') + ms + " s";
  };
  StateChangeRow row;
  row.kind = event.drill != 0 ? "drill_finished" : "mass_cancel_finished";
  row.detail = "run " + std::to_string(event.run) + ": " + std::to_string(event.orders) + " orders, " +
               std::to_string(event.sent) + " cancels sent" +
               (event.last_sent.ns() != 0 ? ", the last after " + seconds(event.last_sent) : "") + ", " +
               std::to_string(event.canceled) + " cancelled, " + std::to_string(event.too_late) +
               " too late, all over after " + seconds(event.time);
  row.journal_index = record.index;
  row.seq = record.seq++;
  row.time_ns = record.time_ns;
  add_row(new_state_changes_, row);
}

void Projection::note(const order::ControlLatched& event, RecordContext& record) {
  StateChangeRow row;
  row.kind = "latched";
  row.control = to_string(event.control);
  row.state = to_string(event.response);
  row.detail = text_of(event.reason.view());
  add_state_change(event.scope, event.id, std::move(row), record);
}

void Projection::note(const order::ControlRearmed& event, RecordContext& record) {
  StateChangeRow row;
  row.kind = "rearmed";
  row.control = to_string(event.control);
  row.maker = text_of(event.user.view());
  row.checker = text_of(event.approver.view());
  row.detail = text_of(event.reason.view());
  add_state_change(event.scope, event.id, std::move(row), record);
}

void Projection::add_state_change(order::Scope scope, std::uint32_t id, StateChangeRow row, RecordContext& record) {
  row.journal_index = record.index;
  row.seq = record.seq++;
  row.time_ns = record.time_ns;
  row.scope = to_string(scope);
  row.node = scope_name(scope, id);
  add_row(new_state_changes_, row);
}

void Projection::note(const order::LimitSet& event, RecordContext& record) {
  if (event.limit >= config::kLimitCount) return;
  const auto limit = static_cast<config::Limit>(event.limit);
  LimitChangeRow row;
  row.journal_index = record.index;
  row.seq = record.seq++;
  row.time_ns = event.time.ns();
  row.scope = to_string(event.scope);
  row.node = scope_name(event.scope, event.id);
  row.limit_name = config::limit_info(limit).name;
  row.value_before = config::to_text(risk::from_raw(limit, event.before));
  if (event.unset == 0) row.value_after = config::to_text(risk::from_raw(limit, event.value));
  row.checker = text_of(event.checker.view());
  row.ticket = text_of(event.ticket.view());
  if (event.until.ns() != 0) row.until_ns = event.until.ns();
  row.reverted = event.reverted;
  row.version = static_cast<std::int64_t>(event.version);
  row.maker = text_of(event.user.view());
  row.reason = text_of(event.reason.view());
  add_row(new_limit_changes_, row);
}

StoreResult<> Projection::on(const order::OperatorListed& event, RecordContext& record) {
  const auto role = static_cast<config::Role>(event.role);
  add_row(new_operators_,
          OperatorRow{record.index, text_of(event.name.view()), record.time_ns, std::string(config::to_text(role))});
  return kFine;
}

StoreResult<> Projection::on_exposure_sampled(const order::EventView& view, RecordContext& record) {
  const auto event = view.as<order::ExposureSampled>();
  read_checks(view, sizeof(order::ExposureSampled), checks_);
  for (const order::CheckResult& use : checks_) {
    const std::uint64_t key = key_of(use);
    if (auto noted = note_limit_use(use, place_of(use, key), record); !noted) return noted;
  }
  // Peaks of exposures are those of clients, brokers and the firm; the others tell what they use of their limits.
  if (event.scope != order::Scope::kClient && event.scope != order::Scope::kBroker &&
      event.scope != order::Scope::kFirm) {
    return kFine;
  }
  ExposureSampleRow row;
  row.journal_index = record.index;
  row.seq = record.seq++;
  row.time_ns = event.time.ns();
  row.date = date_of(row.time_ns);
  row.scope = to_string(event.scope);
  row.node = scope_name(event.scope, event.id);
  row.gross_open = event.gross_open.raw();
  row.net_open_position = event.net_open_position.raw();
  row.settlement = event.settlement.raw();
  if (event.settlement_date != 0) row.settlement_date = Date::from_days(event.settlement_date).to_iso();
  row.traded = event.traded.raw();
  row.open_orders = static_cast<std::int64_t>(event.open_orders);
  add_row(new_exposure_samples_, row);
  return kFine;
}

StoreResult<> Projection::on(const order::ShadowDecided& event, RecordContext& record) {
  const auto outcome = [](order::RejectCode code) {
    return code == order::RejectCode::kNone ? "accepted" : "rejected";
  };
  ShadowDecisionRow row;
  row.decision = static_cast<std::int64_t>(event.decision);
  row.journal_index = record.index;
  row.time_ns = record.time_ns;
  row.live = outcome(event.live);
  row.shadow = outcome(event.shadow);
  row.control = to_string(event.control);
  row.scope = to_string(event.check.scope);
  row.node = scope_name(event.check.scope, event.check.node);
  row.usage_before = event.check.usage;
  row.delta = event.check.delta;
  row.limit_value = event.check.limit;
  add_row(new_shadow_decisions_, row);
  return kFine;
}

}  // namespace portcullis::persistence
