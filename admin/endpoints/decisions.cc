#include "admin/endpoints/handlers.h"
#include "admin/endpoints/paging.h"

namespace portcullis::admin {

void get_decisions(Api& api, const Request& request, Reply reply) {
  auto filter = read_filter(request);
  if (!filter) return reply(filter.error());
  api.read(std::move(reply),
           [request, filter = *filter](History& history) { return page_response(history.decisions(filter), request); });
}

}  // namespace portcullis::admin
