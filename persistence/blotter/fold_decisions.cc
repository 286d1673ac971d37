#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "fix/scanner.h"
#include "persistence/blotter/evidence.h"
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

void fill(std::string_view& to, std::string_view from) {
  if (to.empty()) to = from;
}
void fill(OptionalInteger& to, const OptionalInteger& from) {
  if (!to) to = from;
}

}  // namespace

StoreResult<> Projection::on_decided(const order::EventView& event, RecordContext& record) {
  const auto head = event.as<order::Decided>();
  const bool accepted = head.code == order::RejectCode::kNone;
  PendingDecision& row = record.decisions.emplace_back();
  row.decision = static_cast<std::int64_t>(head.decision);
  row.journal_index = record.index;
  row.journal_offset = record.offset;
  row.time_ns = record.time_ns;
  row.order_number = optional_number(head.order);
  row.msg_type = texts_.keep(std::string(1, head.msg_type));
  row.outcome = accepted ? "accepted" : "rejected";
  row.code = to_string(head.code);
  row.control = to_string(head.control);
  row.limits_version = static_cast<std::int64_t>(head.limits_version);
  row.market_version = static_cast<std::int64_t>(head.market_version);
  row.quote_age_ns = age(head.quote_age_ns);
  row.base_rate_age_ns = age(head.base_rate_age_ns);
  row.term_rate_age_ns = age(head.term_rate_age_ns);
  if (head.market != 0) row.market = texts_.keep(market_text(head.market));
  row.configuration_index = configuration_.journal_index;

  read_checks(event, sizeof(order::Decided), checks_);
  auto found = plan_of(checks_);
  if (!found) return found.error();
  const CheckPlan& plan = **found;
  row.check_plan = plan.number;
  const std::size_t at = record.decisions.size() - 1;
  if (kept_checks_.size() <= at) kept_checks_.emplace_back();
  std::string& kept = kept_checks_[at];
  if (kept.size() < checks_.size() * kMostOfACheck) kept.resize(checks_.size() * kMostOfACheck);
  char* end = kept.data();
  auto planned = plan.checks.begin();
  for (const CheckResult& check : checks_) {
    if (planned->place->counts) {
      if (auto noted = note_limit_use(check, *planned->place, record); !noted) return noted;
    }
    end = put_check(end, check, planned->limit);
    ++planned;
  }
  row.kept_checks = std::string_view(kept.data(), static_cast<std::size_t>(end - kept.data()));
  if (accepted) return kFine;

  row.date = texts_.keep(date_of(record.time_ns));
  // The check that refused.
  const auto refused = std::find_if(checks_.rbegin(), checks_.rend(), [&](const CheckResult& check) {
    return check.passed == 0 && check.control == head.control;
  });
  if (refused == checks_.rend()) return kFine;
  row.scope = to_string(refused->scope);
  row.node = scope_name(refused->scope, refused->node);
  row.usage_before = refused->usage;
  row.delta = refused->delta;
  row.limit_value = refused->limit;
  if (counts_as_use(refused->control)) {
    row.utilisation = thousandths_of(refused->usage, refused->delta, refused->limit);
  }
  return kFine;
}

namespace {

// Whether the plan is of these checks.
template <typename Plan>
bool is_of(const Plan& plan, std::span<const CheckResult> checks) {
  if (plan.checks.size() != checks.size()) return false;
  auto planned = plan.checks.begin();
  for (const CheckResult& check : checks) {
    if (planned->key != key_of(check)) return false;
    ++planned;
  }
  return true;
}

}  // namespace

// Decisions about the same account and instrument make the same checks, one after the other.
StoreResult<const Projection::CheckPlan*> Projection::plan_of(std::span<const CheckResult> checks) {
  std::uint64_t mixed = 0;
  for (const CheckResult& check : checks) mixed = (mixed << 7 | mixed >> 57) + key_of(check);
  mixed *= 0x9E3779B97F4A7C15ULL;  // 2^64 by the golden ratio, so that all bits count in the first ones
  if (near_plans_.empty()) near_plans_.resize(kNearPlans);
  const CheckPlan*& near = near_plans_[mixed >> (64 - std::countr_zero(kNearPlans))];
  if (near != nullptr && is_of(*near, checks)) return near;
  auto found = find_plan(checks);
  if (found) near = *found;
  return found;
}

// The plan's number follows from what is checked, so that it is the same however often the journal is projected.
StoreResult<const Projection::CheckPlan*> Projection::find_plan(std::span<const CheckResult> checks) {
  keys_.clear();
  for (const CheckResult& check : checks) {
    keys_.push_back(key_of(check));
  }
  std::uint64_t number = checksum_of(std::as_bytes(std::span(keys_)));
  // Two lists with the same hash: the one that comes second takes the next number that is free.
  for (;; ++number) {
    const auto found = plans_.find(number);
    if (found == plans_.end()) break;
    if (is_of(found->second, checks)) return &found->second;
  }
  CheckPlan plan;
  plan.number = static_cast<std::int64_t>(number);
  std::string text = "[";
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const CheckResult& check = checks[i];
    plan.checks.push_back(PlannedCheck{keys_[i], check.limit, &place_of(check, keys_[i])});
    text += i > 0 ? ",[" : "[";
    append_json(text, to_string(check.control));
    text += ',';
    append_json(text, to_string(check.scope));
    text += ',';
    append_json(text, scope_name(check.scope, check.node));
    text += ',';
    append_json(text, check.limit);
    text += plan.checks.back().place->counts ? ",true]" : ",false]";
  }
  text += ']';
  auto stored = read_row<CheckPlanRow>(std::span<const std::int64_t>(&plan.number, 1));
  if (!stored) return stored.error();
  if (*stored) {
    const auto limits = limits_of((**stored).checks, checks.size());
    if (!limits) return StoreError{limits.error().what};
    auto limit = limits->begin();
    for (PlannedCheck& planned : plan.checks) planned.limit = *limit++;
  } else {
    add_row(new_check_plans_, CheckPlanRow{plan.number, std::move(text)});
  }
  return &(plans_[number] = std::move(plan));
}

// A decision knows its order's names only when the events that follow it were folded.
StoreResult<> Projection::finish_decisions(RecordContext& record) {
  if (record.decisions.empty()) return kFine;
  const MessageFacts facts = read_message(record.input, texts_);
  for (PendingDecision& row : record.decisions) {
    if (auto finished = finish_decision(row, facts, record); !finished) return finished;
  }
  return kFine;
}

std::string_view Projection::text_of_answer(const RecordContext& record) {
  std::string_view text;
  record.view->for_each_outbound([&](const gateway::OutboundView& answer) {
    if (!text.empty() || answer.header.session != record.session) return;
    fix::ScannedMessage message;
    if (!fix::scan(answer.bytes, message)) text = texts_.keep(text_of(message.find(58)));
  });
  return text;
}

StoreResult<> Projection::finish_decision(PendingDecision& row, const MessageFacts& facts, RecordContext& record) {
  row.session = name(NameKind::kSession, record.session);
  bool ordinary = false;
  KnownName* account = nullptr;
  if (!facts.cl_ord_id.empty()) row.cl_ord_id = facts.cl_ord_id;
  if (row.order_number) {
    const order::OrderNumber number(static_cast<std::uint64_t>(*row.order_number));
    cover_order(number, record);
    auto found = find_order(number);
    if (!found) return found.error();
    if (*found != nullptr) {
      const FoldedOrder& order = (*found)->row;
      account = order.known_account;
      row.order_id = order.order_id;
      row.client = order.client;
      row.account = order.account;
      row.symbol = order.symbol;
      fill(row.cl_ord_id, order.cl_ord_id);
      fill(row.side, order.side);
      row.broker = order.broker;
      ordinary = row.session == order.session && row.side == order.side && row.cl_ord_id == order.cl_ord_id &&
                 order.request_number && !order.client.empty() && !order.account.empty() && !order.symbol.empty() &&
                 !order.broker.empty();
      // A second order under a ClOrdID leads to the first one, whose text is about something else.
      if (row.outcome == "rejected" && order.journal_index == record.index) fill(row.text, order.text);
    }
  }
  // A message that made no order has its reason in its answer alone: a Reject(3), a BusinessMessageReject(j).
  if (row.outcome == "rejected" && row.text.empty() && !row.order_number) row.text = text_of_answer(record);
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
  if (row.currency.empty()) {
    const auto pair = currencies_.find(row.symbol);
    if (pair != currencies_.end()) {
      const std::uint64_t dealt = facts.cash ? pair->second & 0xFFFF : pair->second >> 16;
      row.currency = name(NameKind::kCurrency, dealt);
    }
  }
  row.message_size = static_cast<std::int64_t>(record.input.size());
  row.message_hash_bits = static_cast<std::int64_t>(checksum_of(std::as_bytes(std::span(record.input))));
  // Then the view reads the rest from the order's row.
  ordinary = ordinary && row.outcome == "accepted" && row.msg_type == "D" && row.code == "none" &&
             row.control == "core" && row.text.empty() && row.orig_cl_ord_id.empty() && row.market.empty() &&
             row.override_id.empty();
  add_row(ordinary ? new_ordinary_decisions_ : new_decisions_, row);
  return note_place(BlockKind::kDecisions, row.decision, row.account, account, record);
}

}  // namespace portcullis::persistence
