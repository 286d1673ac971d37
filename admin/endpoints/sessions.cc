#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

void get_sessions(Api& api, const Request&, Reply reply) {
  reply(json_response(to_json(api.views().sessions())));
}

namespace {

void act(Api& api, const Request& request, SessionAction::Kind kind, Reply reply) {
  BodyReader body(request.body.empty() ? "{}" : std::string_view(request.body), {"reason"});
  SessionAction action;
  action.session = request.parameters.at("id");
  action.kind = kind;
  action.reason = body.optional_text("reason", 500).value_or("");
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, std::move(action), std::move(reply));
}

}  // namespace

void enable_session(Api& api, const Request& request, Reply reply) {
  act(api, request, SessionAction::Kind::kEnable, std::move(reply));
}

void disable_session(Api& api, const Request& request, Reply reply) {
  act(api, request, SessionAction::Kind::kDisable, std::move(reply));
}

void logout_session(Api& api, const Request& request, Reply reply) {
  act(api, request, SessionAction::Kind::kLogout, std::move(reply));
}

void set_session_sequence(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body, {"next_sender_seq", "next_target_seq", "reason"});
  SessionAction action;
  action.session = request.parameters.at("id");
  action.kind = SessionAction::Kind::kSequence;
  action.next_sender_seq = body.optional_sequence_number("next_sender_seq");
  action.next_target_seq = body.optional_sequence_number("next_target_seq");
  action.reason = body.text("reason", 500);
  if (body.ok() && !action.next_sender_seq && !action.next_target_seq) {
    body.fault("next_sender_seq", "and 'next_target_seq' are missing; at least one was expected");
  }
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, std::move(action), std::move(reply));
}

}  // namespace portcullis::admin
