#include <algorithm>
#include <array>
#include <cstring>

#include "persistence/blotter/fold_values.h"
#include "persistence/blotter/message_facts.h"
#include "persistence/blotter/projection.h"
#include "persistence/frame.h"

// The decision record (risk specification, section 5), accepts as fully as rejects: the head and its checks, what was
// decided by the events beside it, and what only the client's message says.

namespace portcullis::persistence {
namespace {

using order::CheckResult;
using order::NameKind;

// Copied out, since the bytes of a record are not aligned for them.
void read_checks(const order::EventView& event, std::uint32_t count, std::vector<CheckResult>& checks) {
  const auto tail = event.tail(sizeof(order::Decided));
  checks.resize(std::min<std::size_t>(count, tail.size() / sizeof(CheckResult)));
  if (!checks.empty()) std::memcpy(checks.data(), tail.data(), checks.size() * sizeof(CheckResult));
}

constexpr std::int64_t kNoUse = -1;  // of a check that is no use of a limit

std::string market_text(std::uint32_t market) {
  std::string text;
  const auto add = [&](std::uint32_t bit, const char* word) {
    if ((market & bit) != 0) text += (text.empty() ? "" : ",") + std::string(word);
  };
  add(order::Decided::kNoRate, "no_rate");
  add(order::Decided::kStaleRate, "stale_rate");
  add(order::Decided::kNoQuote, "no_quote");
  return text;
}

OptionalInteger age(std::int64_t age_ns) {
  return age_ns == order::Decided::kNoAge ? std::nullopt : OptionalInteger(age_ns);
}

void fill(std::string& to, const std::string& from) {
  if (to.empty()) to = from;
}
void fill(OptionalInteger& to, const OptionalInteger& from) {
  if (!to) to = from;
}

}  // namespace

StoreResult<> Projection::on_decided(const order::EventView& event, RecordContext& record) {
  const auto head = event.as<order::Decided>();
  DecisionRow row;
  row.decision = static_cast<std::int64_t>(head.decision);
  row.journal_index = record.index;
  row.time_ns = record.time_ns;
  row.order_number = optional_number(head.order);
  row.msg_type = std::string(1, head.msg_type);
  row.outcome = head.code == order::RejectCode::kNone ? "accepted" : "rejected";
  row.code = to_string(head.code);
  row.control = to_string(head.control);
  row.limits_version = static_cast<std::int64_t>(head.limits_version);
  row.market_version = static_cast<std::int64_t>(head.market_version);
  row.quote_age_ns = age(head.quote_age_ns);
  row.base_rate_age_ns = age(head.base_rate_age_ns);
  row.term_rate_age_ns = age(head.term_rate_age_ns);
  row.date = date_of(record.time_ns);
  row.market = market_text(head.market);
  row.build_id = configuration_.build_id;
  row.configuration = configuration_.configuration;

  read_checks(event, head.check_count, checks_);
  places_.clear();
  utilisations_.clear();
  row.checks.reserve(checks_.size() * 64 + 2);
  row.checks = "[";
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    const CheckResult& check = checks_[i];
    CheckPlace& place = place_of(check, i);
    places_.push_back(&place);
    utilisations_.push_back(utilisation_of(check).value_or(kNoUse));
    if (utilisations_.back() != kNoUse) {
      if (auto noted = note_limit_use(check, place, utilisations_.back(), record); !noted) return noted;
    }
    if (i > 0) row.checks += ',';
    row.checks += place.head;
    append_json(row.checks, check.usage);
    row.checks += ',';
    append_json(row.checks, check.delta);
    row.checks += ',';
    append_json(row.checks, check.limit);
    row.checks += check.passed != 0 ? ",true]" : ",false]";
  }
  row.checks += ']';

  // Those that came nearest to their limits, the first of equals first.
  constexpr std::size_t kNone = SIZE_MAX;
  std::array<std::size_t, 3> tightest{kNone, kNone, kNone};
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    if (utilisations_[i] == kNoUse) continue;
    const auto place = std::find_if(tightest.begin(), tightest.end(), [&](std::size_t other) {
      return other == kNone || utilisations_[i] > utilisations_[other];
    });
    if (place == tightest.end()) continue;
    std::move_backward(place, tightest.end() - 1, tightest.end());
    *place = i;
  }
  row.tightest = "[";
  for (const std::size_t i : tightest) {
    if (i == kNone) break;
    if (row.tightest.size() > 1) row.tightest += ',';
    row.tightest += places_[i]->head;
    append_json(row.tightest, utilisations_[i]);
    row.tightest += ']';
  }
  row.tightest += ']';

  // The check that decided: the one that refused, or the one that came nearest to its limit.
  const bool accepted = head.code == order::RejectCode::kNone;
  const CheckResult* decisive = accepted && tightest[0] != kNone ? &checks_[tightest[0]] : nullptr;
  if (!accepted) {
    const auto refused = std::find_if(checks_.rbegin(), checks_.rend(), [&](const CheckResult& check) {
      return check.passed == 0 && check.control == head.control;
    });
    if (refused != checks_.rend()) decisive = &*refused;
  }
  if (decisive) {
    row.scope = to_string(decisive->scope);
    row.node = scope_name(decisive->scope, decisive->node);
    row.usage_before = decisive->usage;
    row.delta = decisive->delta;
    row.limit_value = decisive->limit;
    row.utilisation = utilisation_of(*decisive);
  }
  record.decisions.push_back(std::move(row));
  return kFine;
}

// A decision knows its order's names only when the events that follow it were folded.
StoreResult<> Projection::finish_decisions(RecordContext& record) {
  if (record.decisions.empty()) return kFine;
  const MessageFacts facts = read_message(record.input);
  for (DecisionRow& row : record.decisions) {
    if (auto finished = finish_decision(row, facts, record); !finished) return finished;
  }
  return kFine;
}

StoreResult<> Projection::finish_decision(DecisionRow& row, const MessageFacts& facts, RecordContext& record) {
  row.session = name(NameKind::kSession, record.session);
  if (!facts.cl_ord_id.empty()) row.cl_ord_id = facts.cl_ord_id;
  if (row.order_number) {
    auto found = order(order::OrderNumber(static_cast<std::uint64_t>(*row.order_number)));
    if (!found) return found.error();
    if (const OrderRow* order = *found) {
      row.order_id = order->order_id;
      row.client = order->client;
      row.account = order->account;
      row.symbol = order->symbol;
      fill(row.cl_ord_id, order->cl_ord_id);
      fill(row.side, order->side);
      row.broker = order->broker;
      // A second order under a ClOrdID leads to the first one, whose text is about something else.
      if (row.outcome == "rejected" && order->journal_index == record.index) fill(row.text, order->text);
    }
  }
  if (row.client.empty() && record.session.has_value()) {
    row.client = name(NameKind::kClient, std::uint64_t{owner_of(NameKind::kSession, record.session.value())});
  }
  fill(row.account, facts.account);
  fill(row.symbol, facts.symbol);
  fill(row.orig_cl_ord_id, facts.orig_cl_ord_id);
  fill(row.side, facts.side);
  fill(row.order_qty, facts.order_qty);
  fill(row.price, facts.price);
  fill(row.stop_px, facts.stop_px);
  fill(row.ord_type, facts.ord_type);
  fill(row.time_in_force, facts.time_in_force);
  row.value_date = facts.value_date;
  row.trader = facts.trader;
  row.strategy = facts.strategy;
  row.manual = facts.manual;
  row.currency = facts.currency;
  if (const auto pair = currencies_.find(row.symbol); row.currency.empty() && pair != currencies_.end()) {
    const std::uint64_t dealt = facts.cash ? pair->second & 0xFFFF : pair->second >> 16;
    row.currency = name(NameKind::kCurrency, dealt);
  }
  row.message_offset = record.input_offset;
  row.message_size = static_cast<std::int64_t>(record.input.size());
  row.message_hash = hexadecimal(checksum_of(std::as_bytes(std::span(record.input))));
  add_row(new_decisions_, row);
  return kFine;
}

}  // namespace portcullis::persistence
