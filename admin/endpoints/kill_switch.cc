#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

void get_kill_states(Api& api, const Request&, Reply reply) {
  reply(json_response(to_json(api.views().kills())));
}

void get_mass_cancels(Api& api, const Request&, Reply reply) {
  reply(json_response(to_json(api.views().mass_cancels())));
}

void set_kill_state(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body, {"scope", "id", "state", "reason", "ticket", "drill", "live"});
  SetKillState command;
  command.scope = body.choice("scope", {"firm", "group", "client", "account", "session", "trader", "broker", "instrument", "currency"});
  // The firm is one, so its id may be left out.
  command.id = command.scope == "firm" ? body.optional_text("id", 64).value_or("firm") : body.text("id", 64);
  command.state = body.choice("state", {"active", "reduce_only", "block_new", "cancel", "killed"});
  command.reason = body.text("reason", 500);
  command.ticket = body.optional_text("ticket", 63).value_or("");
  const bool drill = body.flag("drill");
  const bool live = body.flag("live");
  if (live && !drill) body.fault("live", "says something of a drill alone");
  // A live drill is a stop in earnest, and says what it is for.
  command.drill = drill && !live;
  if (drill && live) command.reason = "drill: " + command.reason;
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, std::move(command), std::move(reply));
}

}  // namespace portcullis::admin
