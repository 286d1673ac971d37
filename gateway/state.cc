#include "gateway/state.h"

#include <algorithm>

#include "gateway/ids.h"

namespace portcullis::gateway {

const Proposal* State::find_proposal(std::uint64_t number) const {
  for (const Proposal& proposal : proposals) {
    if (proposal.what.proposal == number) return &proposal;
  }
  return nullptr;
}

RequestNumber State::find_request(SessionId session, std::string_view cl_ord_id) const {
  const std::uint64_t value =
      cl_ord_ids.find(hash_text(session.value(), cl_ord_id),
                      [&](std::uint64_t number) { return is_of(RequestNumber(number), session, cl_ord_id); });
  return value == HashIndex::kNone ? RequestNumber::none() : RequestNumber(value);
}

ExecutionNumber State::find_execution(BrokerId broker, std::string_view exec_id) const {
  const std::uint64_t value =
      exec_ids.find(hash_text(broker.value(), exec_id),
                    [&](std::uint64_t number) { return is_of(ExecutionNumber(number), broker, exec_id); });
  return value == HashIndex::kNone ? ExecutionNumber::none() : ExecutionNumber(value);
}

OrderNumber State::find_order(std::string_view order_id) const {
  const std::optional<GivenId> given = parse_order_id(setup.gateway_id, order_id);
  if (!given) return OrderNumber::none();
  const OrderNumber number(given->number);
  return orders.contains(number) && orders[number].epoch == given->epoch ? number : OrderNumber::none();
}

State::Given State::given(std::string_view cl_ord_id) const {
  const std::optional<GivenId> id = parse_cl_ord_id(setup.gateway_id, cl_ord_id);
  if (!id) return {};
  const RequestNumber number(id->number);
  const Request* const request = requests.find(number);
  if (request == nullptr || !request->routed || request->epoch != id->epoch) return {};
  const Order* const order = orders.find(request->order);
  return order == nullptr ? Given{} : Given{number, request, order};
}

bool State::is_of_given_back(std::string_view cl_ord_id) const {
  const std::optional<GivenId> given = parse_cl_ord_id(setup.gateway_id, cl_ord_id);
  if (!given || given->number >= requests.size()) return false;
  const RequestNumber number(given->number);
  const bool gone = !requests.contains(number) || !orders.contains(requests[number].order);
  return gone && giving_back.was_taken_by(given->epoch, given->number);
}

bool State::given_and_forgotten(std::string_view cl_ord_id) const {
  return parse_cl_ord_id(setup.gateway_id, cl_ord_id).has_value() && !find_given(cl_ord_id).has_value() &&
         !is_of_given_back(cl_ord_id);
}

bool waits(const Request& request) {
  return request.state == RequestState::kSent || request.state == RequestState::kPending ||
         (request.state == RequestState::kHeld && request.kind == RequestKind::kCancel && !request.routed);
}

bool State::cancel_waits(const Order& order) const {
  if (order.open_requests == 0) return false;
  for (RequestNumber r = order.newest; r.has_value(); r = requests[r].previous) {
    if (requests[r].kind == RequestKind::kCancel && waits(requests[r])) return true;
  }
  return false;
}

order::Valuation State::valuation_of(const Order& order, RequestNumber request) const {
  const Replacement* const replacement = requests[request].replacement;
  return request == order.live || replacement == nullptr ? order.valuation : replacement->valuation;
}

std::span<const risk::TermsAndValuation> order_proposals(const State& state, const Order& order,
                                                std::span<risk::TermsAndValuation> memory, const ProposalChange& change) {
  std::size_t count = 0;
  if (change.accepted.has_value()) {
    memory[count++] = risk::TermsAndValuation{change.terms, state.valuation_of(order, change.accepted)};
  } else {
    memory[count++] = risk::TermsAndValuation{order.terms(), order.valuation};
  }
  const std::size_t first_pending = count;
  if (order.open_requests > 0) {
    // What came before the accepted request can no longer hold, even where the broker has left it without an answer.
    for (RequestNumber r = order.newest; r.has_value() && r > order.live && count < memory.size();
         r = state.requests[r].previous) {
      const Request& request = state.requests[r];
      if (request.kind != RequestKind::kReplace || !waits(request) || r == change.without) continue;
      if (change.accepted.has_value() && r <= change.accepted) continue;
      memory[count++] = risk::TermsAndValuation{request.replacement->terms, request.replacement->valuation};
    }
  }
  std::reverse(memory.begin() + static_cast<std::ptrdiff_t>(first_pending), memory.begin() + static_cast<std::ptrdiff_t>(count));
  return memory.first(count);
}

}  // namespace portcullis::gateway
