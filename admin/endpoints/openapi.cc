#include "admin/openapi.h"

#include "admin/endpoints/handlers.h"
#include "admin/endpoints/registry.h"
#include "admin/json.h"

namespace portcullis::admin {

void get_openapi(Api& api, const Request&, Reply reply) {
  reply(json_response(openapi_document(endpoints(), api.views().gateway().version)));
}

}  // namespace portcullis::admin
