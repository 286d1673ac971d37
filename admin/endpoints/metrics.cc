#include "admin/endpoints/handlers.h"
#include "admin/metrics_text.h"

namespace portcullis::admin {

void get_metrics(Api& api, const Request&, Reply reply) {
  std::vector<MetricView> metrics = api.views().metrics();
  for (MetricView& metric : api.server_metrics()) metrics.push_back(std::move(metric));
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = metrics_text(metrics, api.views().gateway().id);
  reply(std::move(response));
}

}  // namespace portcullis::admin
