#include "admin/endpoints/handlers.h"
#include "admin/endpoints/paging.h"

namespace portcullis::admin {

void get_executions(Api& api, const Request& request, Reply reply) {
  auto filter = read_filter(request);
  if (!filter) return reply(filter.error());
  api.read(std::move(reply), [request, filter = *filter](History& history) {
    return page_response(history.executions(filter), request);
  });
}

}  // namespace portcullis::admin
