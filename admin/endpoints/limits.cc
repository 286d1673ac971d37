#include <charconv>

#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

namespace {

// If-Match: 7, or "7" as an entity tag.
std::optional<std::uint64_t> version_of(std::string_view if_match) {
  if (if_match.size() >= 2 && if_match.front() == '"' && if_match.back() == '"') {
    if_match = if_match.substr(1, if_match.size() - 2);
  }
  std::uint64_t version = 0;
  const char* end = if_match.data() + if_match.size();
  const auto parsed = std::from_chars(if_match.data(), end, version);
  if (if_match.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return version;
}

}  // namespace

void get_limits(Api& api, const Request&, Reply reply) {
  reply(json_response(to_json(api.views().limits())));
}

void put_limits(Api& api, const Request& request, Reply reply) {
  if (request.if_match.empty()) {
    return reply(problem(428, "the header If-Match is missing; the version that GET /api/v1/limits gave was expected"));
  }
  const std::optional<std::uint64_t> version = version_of(request.if_match);
  if (!version) return reply(problem(422, "the header If-Match is no version such as 7"));
  BodyReader body(request.body, {"limits", "reason", "ticket", "expires"});
  ChangeLimits command;
  command.scope = request.parameters.at("scope");
  command.id = request.parameters.at("id");
  command.limits = body.limits("limits");
  command.reason = body.text("reason", 500);
  command.ticket = body.optional_text("ticket", 63).value_or("");
  command.expires = body.optional_time("expires");
  command.expected_version = *version;
  if (command.expires && *command.expires <= api.now()) body.fault("expires", "is past");
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, std::move(command), std::move(reply));
}

}  // namespace portcullis::admin
