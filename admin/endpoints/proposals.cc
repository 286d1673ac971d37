#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

void get_proposals(Api& api, const Request&, Reply reply) {
  boost::json::array list;
  for (const Proposal& proposal : api.proposals().all(api.now())) list.emplace_back(to_json(proposal));
  reply(json_response(list));
}

void get_proposal(Api& api, const Request& request, Reply reply) {
  const Proposal* proposal = api.proposals().find(request.parameters.at("id"), api.now());
  if (proposal == nullptr) return reply(problem(404, "there is no proposal '" + request.parameters.at("id") + "'"));
  reply(json_response(to_json(*proposal)));
}

void approve_proposal(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body.empty() ? "{}" : std::string_view(request.body), {"reason"});
  static_cast<void>(body.optional_text("reason", 500));
  if (!body.ok()) return reply(body.refusal());
  api.approve(request, request.parameters.at("id"), std::move(reply));
}

void reject_proposal(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body.empty() ? "{}" : std::string_view(request.body), {"reason"});
  const std::string reason = body.optional_text("reason", 500).value_or("");
  if (!body.ok()) return reply(body.refusal());
  Proposal* proposal = api.proposals().find(request.parameters.at("id"), api.now());
  if (proposal == nullptr) return reply(problem(404, "there is no proposal '" + request.parameters.at("id") + "'"));
  if (proposal->state != Proposal::State::kWaiting) {
    return reply(problem(409, "the proposal is " + std::string(to_text(proposal->state)) + "; it waits no more"));
  }
  proposal->state = Proposal::State::kRejected;
  proposal->decided_by = request.identity.name;
  proposal->decided = api.now();
  proposal->decision_text = reason;
  reply(json_response(to_json(*proposal)));
}

}  // namespace portcullis::admin
