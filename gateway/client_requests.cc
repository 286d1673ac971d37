#include "gateway/client_requests.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/same_text.h"
#include "fix/pass_through.h"
#include "fix/scanner.h"
#include "gateway/decided.h"

namespace portcullis::gateway {

using order::Control;
using order::IdText;
using order::ReasonText;
using order::Reject;
using order::RejectCode;

namespace {

// A message marked PossDupFlag(43)=Y that we have not seen is taken as new only when it is this young.
constexpr Duration kPossDupFresh = Duration::seconds(30);

}  // namespace

Reject reject(RejectCode code, std::string_view text, std::uint16_t ref_tag, order::Control control) {
  return Reject{code, control, ref_tag, ReasonText::truncated(text)};
}

std::optional<Reject> refused_by_gateway(const State& state) {
  if (state.held) return reject(RejectCode::kHold, "orders are held until the gateway has reconciled with its brokers");
  if (state.setup.low_space) return reject(RejectCode::kStorage, "orders are refused: the gateway's storage is nearly full");
  return std::nullopt;
}

std::uint32_t uncarried_by(const State& state, BrokerId broker, std::string_view msg_type,
                           const order::MessageFields& fields) {
  const SessionId line = state.broker_states[broker.value()].session;
  const std::optional<fix::Dialect>& dialect = state.setup.sessions[line.value()].dialect;
  return dialect ? fix::uncarried_field(fields, msg_type, *dialect) : 0;
}

std::optional<Reject> refused_by_dialect(const State& state, BrokerId broker, std::string_view msg_type,
                                         const order::MessageFields& fields) {
  const std::uint32_t tag = uncarried_by(state, broker, msg_type, fields);
  if (tag == 0) return std::nullopt;
  std::array<char, 64> text;
  constexpr std::string_view kBefore = "the broker's FIX version or rules cannot carry tag ";
  std::copy(kBefore.begin(), kBefore.end(), text.begin());
  const char* const end = std::to_chars(text.begin() + kBefore.size(), text.end(), tag).ptr;
  return reject(RejectCode::kUnsupported, {text.data(), static_cast<std::size_t>(end - text.data())},
                static_cast<std::uint16_t>(tag));
}

std::optional<Reject> refused_as_stale(const ClientSetup& setup, const order::MessageContext& context,
                                       UtcTime transact_time, UtcTime now) {
  if (context.poss_dup && now - context.orig_sending_time > kPossDupFresh) {
    return reject(RejectCode::kStale, "a possible duplicate that was first sent more than 30 seconds ago", 122);
  }
  if (setup.max_order_age.ns() > 0) {
    const UtcTime stated = transact_time.ns() != 0 ? transact_time : context.sending_time;
    if (now - stated > setup.max_order_age) {
      return reject(RejectCode::kStale, "RISK-13 A5: older than this session's max_order_age_s allows", 60,
                    Control::kA5);
    }
  }
  return {};
}

namespace {

// Values of one character, separated by blanks where there may be several, as in ExecInst(18).
bool all_listed(std::string_view values, std::string_view listed) {
  for (std::size_t at = 0; at < values.size(); at += 2) {
    const bool alone = at + 1 == values.size() || values[at + 1] == ' ';
    if (!alone || listed.find(values[at]) == std::string_view::npos) return false;
  }
  return true;
}

}  // namespace

std::optional<Reject> refused_by_values(const ClientSetup& setup, const order::MessageFields& fields) {
  if (!setup.exec_inst && !setup.order_capacity) return std::nullopt;
  for (const order::RawField& field : fields) {
    if (field.tag == 18 && setup.exec_inst && !all_listed(field.value, *setup.exec_inst)) {
      return reject(RejectCode::kUnsupported, "RISK-11 A3: this ExecInst(18) is not taken from this session", 18,
                    order::Control::kA3);
    }
    if (field.tag == 528 && setup.order_capacity && !all_listed(field.value, *setup.order_capacity)) {
      return reject(RejectCode::kUnsupported, "RISK-11 A3: this OrderCapacity(528) is not taken from this session", 528,
                    order::Control::kA3);
    }
  }
  return std::nullopt;
}

order::AccountId resolve_account(const State& state, ClientId client, std::string_view text) {
  const ClientSetup& setup = state.setup.clients[client.value()];
  if (text.empty()) return setup.accounts.empty() ? order::AccountId::none() : setup.accounts.front();
  // Most clients have a few accounts, whose names are compared sooner than one is hashed.
  constexpr std::size_t kFew = 4;
  if (setup.accounts.size() <= kFew) {
    for (const order::AccountId account : setup.accounts) {
      if (same_text(state.accounts[account.value()].name.view(), text)) return account;
    }
    return order::AccountId::none();
  }
  const std::uint32_t index = state.accounts.find(text, client.value(), 0);
  for (const order::AccountId account : setup.accounts) {
    if (account.value() == index) return account;
  }
  return order::AccountId::none();
}

std::optional<Reject> resolve_dealt(const State& state, order::InstrumentId instrument, std::string_view currency,
                                    bool has_qty, bool has_cash, order::Dealt& dealt) {
  if (has_qty == has_cash) {
    return reject(RejectCode::kBadQuantity, "RISK-1 B1: exactly one of OrderQty(38) and CashOrderQty(152) is expected", 38, Control::kB1);
  }
  if (currency.empty() && has_qty && state.risk.state().instruments[instrument.value()].is_fx) [[likely]] {
    dealt = order::Dealt::kBase;
    return std::nullopt;
  }
  const std::uint32_t pair = state.instruments[instrument.value()].owner;
  const std::string_view term = state.currencies[term_of(pair).value()].name.view();
  if (!state.risk.state().instruments[instrument.value()].is_fx) {
    dealt = order::Dealt::kUnits;
    if (has_cash) {
      return reject(RejectCode::kUnsupported, "this instrument is dealt in units, by OrderQty(38)", 152);
    }
    if (currency.empty() || currency == term) return std::nullopt;
    return reject(RejectCode::kUnsupported, "Currency(15) is not the one that Symbol(55) is priced in", 15);
  }
  if (has_cash) {
    dealt = order::Dealt::kTermCash;
    return std::nullopt;
  }
  const std::string_view base = state.currencies[base_of(pair).value()].name.view();
  if (currency.empty() || currency == base) {
    dealt = order::Dealt::kBase;
  } else if (currency == term) {
    dealt = order::Dealt::kTerm;
  } else {
    return reject(RejectCode::kUnsupported, "Currency(15) is neither the base nor the term currency of Symbol(55)", 15);
  }
  return std::nullopt;
}

void write_routed(Deciding& d, OrderNumber order, RequestNumber request, BrokerId broker) {
  order::OrderRouted routed{};
  routed.order = order;
  routed.request = request;
  routed.epoch = narrow_counter(d.state.epoch);
  routed.msg_seq_num = d.next_seq(d.state.broker_states[broker.value()].session);
  routed.broker = broker;
  d.events.add(routed);
}

void refuse_request(Deciding& d, const order::MessageContext& context, char response_to, OrderNumber order,
                    std::string_view cl_ord_id, std::string_view orig_cl_ord_id, const Reject& refusal, bool uses_up_id) {
  order::RequestRefused event{};
  event.order = order;
  event.time = d.now;
  event.session = context.session;
  event.response_to = response_to;
  event.uses_up_id = uses_up_id ? 1 : 0;
  event.cl_ord_id = IdText::truncated(cl_ord_id);
  event.orig_cl_ord_id = IdText::truncated(orig_cl_ord_id);
  event.reject = refusal;
  d.events.add(event);
}

void answer_status(Deciding& d, SessionId session, OrderNumber order, std::string_view cl_ord_id,
                   RejectCode refused) {
  order::StatusAnswered event{};
  event.order = order;
  event.session = session;
  event.refused = refused;
  event.cl_ord_id = IdText::truncated(cl_ord_id);
  d.events.add(event);
}

namespace {

bool is_decided(std::string_view msg_type) {
  return msg_type == "D" || msg_type == "G" || msg_type == "F";
}

}  // namespace

void decide_rejected_message(Deciding& d, std::string_view message) {
  fix::ScannedMessage reject;
  if (fix::scan(message, reject) || reject.header().msg_type != "3") return;
  const std::string_view of = reject.find(372);  // RefMsgType
  if (!is_decided(of)) return;
  Reject refusal{RejectCode::kBadField, Control::kCore, 0, ReasonText::truncated(reject.find(58))};
  const std::string_view tag = reject.find(371);
  std::from_chars(tag.data(), tag.data() + tag.size(), refusal.ref_tag);
  write_decided(d, of.front(), OrderNumber::none(), RequestNumber::none(), refusal);
}

bool refuse_unusable_id(Deciding& d, const order::MessageContext& context, std::string_view msg_type,
                        std::string_view cl_ord_id) {
  if (!cl_ord_id.empty() && IdText::fits(cl_ord_id)) return false;
  order::MessageRefused event{};
  event.session = context.session;
  event.business_reject_reason = 5;  // conditionally required field missing
  event.ref_seq_num = context.msg_seq_num;
  event.ref_msg_type = FixedText<7>::truncated(msg_type);
  event.ref_id = IdText::truncated(cl_ord_id);
  event.text = ReasonText(cl_ord_id.empty() ? "ClOrdID(11) is missing" : "ClOrdID(11) is longer than 63 characters");
  if (is_decided(msg_type)) {
    const Reject refusal{RejectCode::kBadField, Control::kCore, 11, event.text};
    write_decided(d, msg_type.front(), OrderNumber::none(), RequestNumber::none(), refusal);
  }
  d.events.add(event);
  return true;
}

OrderNumber find_target(const State& state, SessionId session, std::string_view orig_cl_ord_id, std::string_view order_id) {
  if (!orig_cl_ord_id.empty()) {
    const RequestNumber request = state.find_request(session, orig_cl_ord_id);
    if (request.has_value()) return state.requests[request].order;
    return OrderNumber::none();
  }
  const OrderNumber order = state.find_order(order_id);
  if (order.has_value() && state.orders[order].session == session) return order;
  return OrderNumber::none();
}

}  // namespace portcullis::gateway
