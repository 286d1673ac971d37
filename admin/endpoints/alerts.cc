#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

void get_alerts(Api& api, const Request&, Reply reply) {
  reply(json_response(to_json(api.views().alerts())));
}

void acknowledge_alert(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body.empty() ? "{}" : std::string_view(request.body), {"reason"});
  static_cast<void>(body.optional_text("reason", 500));
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, AcknowledgeAlert{request.parameters.at("id")}, std::move(reply));
}

}  // namespace portcullis::admin
