#include <algorithm>
#include <array>
#include <string_view>

#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

void get_exposures(Api& api, const Request& request, Reply reply) {
  const auto scope = request.query.find("scope");
  const auto id = request.query.find("id");
  const std::string scope_name = scope == request.query.end() ? "account" : scope->second;
  constexpr std::array<std::string_view, 9> kScopes = {"firm",   "group",  "client",     "account", "session",
                                                       "trader", "broker", "instrument", "currency"};
  // A mistyped one would look like nothing at risk.
  if (!scope_name.empty() && std::find(kScopes.begin(), kScopes.end(), scope_name) == kScopes.end()) {
    return reply(problem(422, "there is no scope '" + scope_name +
                                  "'; expected is one of: firm, group, client, account, session, trader, broker, "
                                  "instrument, currency"));
  }
  const std::string node = id == request.query.end() ? "" : id->second;
  const std::vector<ExposureView> found = api.views().exposures(scope_name, node);
  if (node.empty()) return reply(json_response(to_json(found)));
  if (found.empty()) return reply(problem(404, "there is no " + scope_name + " '" + node + "'"));
  reply(json_response(to_json(found.front())));
}

}  // namespace portcullis::admin
