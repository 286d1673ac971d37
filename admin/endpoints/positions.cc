#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

void adjust_position(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body, {"account", "symbol", "quantity", "price", "evidence", "reason"});
  AdjustPosition command;
  command.account = body.text("account", 64);
  command.symbol = body.text("symbol", 64);
  command.quantity = body.decimal<Quantity>("quantity");
  command.price = body.decimal<Price>("price");
  command.evidence = body.text("evidence", 2000);
  command.reason = body.text("reason", 500);
  if (body.ok() && command.quantity.is_zero()) body.fault("quantity", "is zero");
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, std::move(command), std::move(reply));
}

}  // namespace portcullis::admin
