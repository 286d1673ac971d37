#include <algorithm>

#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

void get_proposals(Api& api, const Request&, Reply reply) {
  reply(json_response(to_json(api.views().proposals())));
}

void get_proposal(Api& api, const Request& request, Reply reply) {
  const std::string& id = request.parameters.at("id");
  const std::vector<ProposalView> all = api.views().proposals();
  const auto found = std::find_if(all.begin(), all.end(), [&id](const ProposalView& view) { return view.id == id; });
  if (found == all.end()) return reply(problem(404, "there is no proposal '" + id + "'"));
  reply(json_response(to_json(*found)));
}

namespace {

void decide(Api& api, const Request& request, bool approve, Reply reply) {
  BodyReader body(request.body.empty() ? "{}" : std::string_view(request.body), {"reason"});
  DecideProposal command;
  command.id = request.parameters.at("id");
  command.approve = approve;
  command.reason = body.optional_text("reason", 500).value_or("");
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, std::move(command), std::move(reply));
}

}  // namespace

void approve_proposal(Api& api, const Request& request, Reply reply) {
  decide(api, request, true, std::move(reply));
}

void reject_proposal(Api& api, const Request& request, Reply reply) {
  decide(api, request, false, std::move(reply));
}

}  // namespace portcullis::admin
