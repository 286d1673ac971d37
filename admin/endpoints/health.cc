#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

void get_live(Api& api, const Request&, Reply reply) {
  const HealthView health = api.views().health();
  reply(json_response(to_json(health), health.live ? 200 : 503));
}

void get_ready(Api& api, const Request&, Reply reply) {
  const HealthView health = api.views().health();
  reply(json_response(to_json(health), health.live && health.ready ? 200 : 503));
}

void get_gateway(Api& api, const Request&, Reply reply) {
  reply(json_response(to_json(api.views().gateway())));
}

}  // namespace portcullis::admin
