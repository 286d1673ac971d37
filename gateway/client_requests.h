#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gateway/decide.h"

// What decisions on a client's requests have in common: how they are refused, answered and sent on.

namespace portcullis::gateway {

order::Reject reject(order::RejectCode code, std::string_view text, std::uint16_t ref_tag = 0,
                     order::Control control = order::Control::kCore);

// A Reject has room for its text, so these make one only where there is something to refuse.
//
// Why nothing new is taken at all, before the order itself is looked at.
std::optional<order::Reject> refused_by_gateway(const State& state);
// What the broker's dialect cannot carry is refused, never forwarded without it.
std::optional<order::Reject> refused_by_dialect(const State& state, BrokerId broker, std::string_view msg_type,
                                                const order::MessageFields& fields);
// The tag of such a field; 0: there is none.
std::uint32_t uncarried_by(const State& state, BrokerId broker, std::string_view msg_type,
                           const order::MessageFields& fields);

// A5, and possible duplicates that are too old to be new.
std::optional<order::Reject> refused_as_stale(const ClientSetup& setup, const order::MessageContext& context,
                                              UtcTime transact_time, UtcTime now);
// A3: ExecInst(18) and OrderCapacity(528) where the client may state only some of their values.
std::optional<order::Reject> refused_by_values(const ClientSetup& setup, const order::MessageFields& fields);

// Account(1), or the client's first one when it is absent; none when it is not this client's.
order::AccountId resolve_account(const State& state, ClientId client, std::string_view text);
// Currency(15) and CashOrderQty(152) say which amount is dealt.
std::optional<order::Reject> resolve_dealt(const State& state, order::InstrumentId instrument,
                                           std::string_view currency, bool has_qty, bool has_cash, order::Dealt& dealt);

void write_routed(Deciding& d, OrderNumber order, RequestNumber request, BrokerId broker);
// OrderCancelReject(9); response_to: CxlRejResponseTo(434).
void refuse_request(Deciding& d, const order::MessageContext& context, char response_to, OrderNumber order,
                    std::string_view cl_ord_id, std::string_view orig_cl_ord_id, const order::Reject& refusal,
                    bool uses_up_id);
void answer_status(Deciding& d, SessionId session, OrderNumber order, std::string_view cl_ord_id,
                   order::RejectCode refused = order::RejectCode::kNone);
// What the session layer says to a client: a Reject(3) of a D, G or F is a decision as well, of no order and no
// control.
void decide_rejected_message(Deciding& d, std::string_view message);
// A ClOrdID that cannot be kept cannot be answered under either: a BusinessMessageReject names the field, and the
// result is true.
bool refuse_unusable_id(Deciding& d, const order::MessageContext& context, std::string_view msg_type,
                        std::string_view cl_ord_id);
// The order that a cancel or a replace means, by OrigClOrdID(41), or by OrderID(37) where that is all; none.
OrderNumber find_target(const State& state, SessionId session, std::string_view orig_cl_ord_id, std::string_view order_id);

}  // namespace portcullis::gateway
