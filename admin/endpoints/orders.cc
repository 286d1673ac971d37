#include "admin/endpoints/handlers.h"
#include "admin/endpoints/paging.h"
#include "admin/json.h"

namespace portcullis::admin {

void get_orders(Api& api, const Request& request, Reply reply) {
  auto filter = read_filter(request);
  if (!filter) return reply(filter.error());
  api.read(std::move(reply),
           [request, filter = *filter](History& history) { return page_response(history.orders(filter), request); });
}

void get_order(Api& api, const Request& request, Reply reply) {
  api.read(std::move(reply), [id = request.parameters.at("order_id")](History& history) {
    const auto order = history.order(id);
    if (!order) return history_problem(order.error());
    if (!order->has_value()) return problem(404, "there is no order '" + id + "'");
    return json_response(to_json(**order));
  });
}

void cancel_order(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body.empty() ? "{}" : std::string_view(request.body), {"reason"});
  static_cast<void>(body.optional_text("reason", 500));
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, CancelOrder{request.parameters.at("order_id")}, std::move(reply));
}

void resolve_order(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body, {"as", "cum_qty", "avg_px", "evidence", "reason"});
  ResolveOrder command;
  command.order_id = request.parameters.at("order_id");
  command.as = body.choice("as", {"cancelled", "rejected", "filled"});
  command.cum_qty = body.optional_decimal<Quantity>("cum_qty");
  command.avg_px = body.optional_decimal<Price>("avg_px");
  command.evidence = body.text("evidence", 2000);
  command.reason = body.text("reason", 500);
  if (command.as == "filled" && !body.has("cum_qty")) body.fault("cum_qty", "is missing; 'filled' needs it");
  if (command.as == "filled" && !body.has("avg_px")) body.fault("avg_px", "is missing; 'filled' needs it");
  if (command.cum_qty && command.cum_qty->is_negative()) body.fault("cum_qty", "is negative");
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, std::move(command), std::move(reply));
}

}  // namespace portcullis::admin
