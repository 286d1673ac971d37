#include "admin/endpoints/handlers.h"
#include "admin/json.h"

namespace portcullis::admin {

void put_quote(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body, {"bid", "ask"});
  SetQuote command;
  command.symbol = request.parameters.at("symbol");
  command.bid = body.decimal<Price>("bid");
  command.ask = body.decimal<Price>("ask");
  if (body.ok() && !command.bid.is_positive()) body.fault("bid", "is not positive");
  if (body.ok() && command.ask < command.bid) body.fault("ask", "is below the bid");
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, std::move(command), std::move(reply));
}

void put_rate(Api& api, const Request& request, Reply reply) {
  BodyReader body(request.body, {"rate"});
  SetRate command;
  command.currency = request.parameters.at("currency");
  command.rate = body.decimal<Rate>("rate");
  if (body.ok() && !command.rate.is_positive()) body.fault("rate", "is not positive");
  if (!body.ok()) return reply(body.refusal());
  api.submit(request, std::move(command), std::move(reply));
}

}  // namespace portcullis::admin
