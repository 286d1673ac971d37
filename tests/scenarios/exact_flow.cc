#include "app/exposure_views.h"
#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

std::string Flow::step() {
  ++steps_;
  const std::uint64_t dice = below(1000);
  if (dice < 300)
    new_order();
  else if (dice < 410)
    replace();
  else if (dice < 470)
    cancel();
  else if (dice < 900)
    report();
  else if (dice < 930)
    odd_report();
  else if (dice < 940)
    refuse_message();
  else if (dice < 985)
    operate();
  else if (dice < 998)
    pause();
  else
    restart();
  if (failure_.empty()) failure_ = compare(steps_ % 16 == 0);
  return failure_;
}

std::string Flow::finish() {
  for (int i = 0; i < static_cast<int>(model_.orders.size()) && failure_.empty(); ++i) {
    // A filled order may hold what a pending replace would add: the broker refuses each.
    Deal& deal = deals_[static_cast<std::size_t>(i)];
    for (std::size_t r = 0; r < deal.given.size(); ++r) {
      if (!model_.orders[static_cast<std::size_t>(i)].requests[r].pending) continue;
      std::vector<Sent> sent;
      model_.replace_refused(i, static_cast<int>(r));
      say("35=9|37=N" + std::to_string(i) + "|11=" + deal.given[r] + "|41=" + deal.given[0] + "|39=0|434=2|58=no|",
          true, kBrokers[model_.orders[static_cast<std::size_t>(i)].broker], sent);
      learn(sent);
    }
    if (model_.orders[static_cast<std::size_t>(i)].is_open()) {
      model_.ended(i);
      told(i,
           "150=4|39=4|17=" + exec_id() + "|14=" + decimal(model_.orders[static_cast<std::size_t>(i)].cum(), 3) +
               "|151=0|",
           deal.given[0]);
    }
  }
  if (failure_.empty()) failure_ = compare(true);
  if (!failure_.empty()) return failure_;
  app::each_node(gateway_.state(), [&](const risk::Node& node) {
    const admin::ExposureView view = app::exposure_view(gateway_.state(), node);
    bool clean = view.open_orders == 0 && view.gross_open_notional.is_zero();
    for (const auto& each : view.instruments) clean = clean && each.open_buy.is_zero() && each.open_sell.is_zero();
    for (const auto& each : view.currencies) clean = clean && each.in.is_zero() && each.out.is_zero();
    if (!clean) fail("all orders are over, but " + view.scope + " " + view.id + " still holds something open");
  });
  return failure_;
}

// --- chance -----------------------------------------------------------------------------------------------------

int Flow::some_order(bool open) {
  const int count = static_cast<int>(model_.orders.size());
  if (count == 0) return -1;
  for (int tries = 0; tries < 8; ++tries) {
    const int i = count - 1 - static_cast<int>(below(static_cast<std::uint64_t>(std::min(count, open ? 120 : 300))));
    if (!open || model_.orders[static_cast<std::size_t>(i)].is_open()) return i;
  }
  return -1;
}

Int Flow::some_price(int instrument, bool buy) {
  const auto& quote = model_.quotes[static_cast<std::size_t>(instrument)];
  const Int tick = model_.instruments[static_cast<std::size_t>(instrument)].tick;
  Int price = (quote->bid + quote->ask) / 2;
  price += price * (static_cast<Int>(below(301)) - 150) / 10'000;  // within 1.5 %
  if (one_in(25)) price = price * (buy ? 103 : 97) / 100;
  price -= price % tick;
  if (one_in(60)) price += 1;
  return price;
}

Int Flow::some_fill_price(int instrument) {
  const auto& quote = model_.quotes[static_cast<std::size_t>(instrument)];
  const Int tick = model_.instruments[static_cast<std::size_t>(instrument)].tick;
  const Int price = quote->bid + static_cast<Int>(below(41)) * tick - 20 * tick;
  return price - price % tick;
}

Int Flow::some_quantity(int instrument, Dealt dealt) {
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(instrument)];
  if (!pair.is_fx()) return 1'000 * (one_in(30) ? 70 : 1 + static_cast<Int>(below(25))) + (one_in(80) ? 1 : 0);
  Int units = 1'000 + static_cast<Int>(below(one_in(4) ? 3'000'000 : 400'000));
  if (one_in(40)) units = static_cast<Int>(below(1'200));
  if (one_in(40)) units += 2'000'000;
  if (dealt != Dealt::kBase && pair.term == 3) units *= 150;
  Int qty = units * 1'000;
  if (pair.step < 1'000 && dealt == Dealt::kBase) qty += static_cast<Int>(below(1'000));
  if (one_in(80)) qty += 1;
  return qty;
}

// Mostly that of the near leg, else from half to one and a half of it.
Int Flow::some_far_quantity(int instrument, Dealt dealt, Int qty) {
  if (one_in(2)) return qty;
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(instrument)];
  const Int step = dealt == Dealt::kBase ? pair.step : Int{1'000};
  const Int part = qty * static_cast<Int>(500 + below(1'001)) / 1'000;
  return worse(part - part % step, step);
}

Terms Flow::some_terms(int instrument, bool buys, Dealt dealt, bool may_swap) {
  const Model::Instrument& pair = model_.instruments[static_cast<std::size_t>(instrument)];
  Terms terms;
  terms.qty = some_quantity(instrument, dealt);
  if (may_swap && dealt != Dealt::kCash && pair.is_fx() && !pair.ndf && one_in(5)) {
    terms.type = Type::kSwap;
    terms.price = some_price(instrument, buys);
    terms.price2 = some_price(instrument, !buys);
    terms.qty2 = some_far_quantity(instrument, dealt, terms.qty);
    return terms;
  }
  const std::uint64_t dice = below(10);
  terms.type = dice < 6 ? Type::kLimit : dice < 8 ? Type::kMarket : dice == 8 ? Type::kStop : Type::kStopLimit;
  if (terms.type == Type::kLimit || terms.type == Type::kStopLimit) terms.price = some_price(instrument, buys);
  if (terms.type == Type::kStop || terms.type == Type::kStopLimit) terms.stop = some_price(instrument, buys);
  return terms;
}

// A weekday behind spot.
int Flow::some_far_date() {
  int date = model_.spot_date() + 1 + static_cast<int>(below(12));
  while ((date + 4) % 7 == 0 || (date + 4) % 7 == 6) ++date;
  return date;
}

const char* Flow::side(bool of_broker, int party, bool buys, Dealt dealt, Type type) const {
  const auto at = static_cast<std::size_t>(party);
  const config::SideBasis basis =
      of_broker ? configuration_.brokers[at].dialect.side_basis : configuration_.clients[at].side_basis;
  const config::SwapSideLeg leg =
      of_broker ? configuration_.brokers[at].dialect.swap_side_leg : configuration_.clients[at].swap_side_leg;
  const bool of_term = dealt == Dealt::kTerm && basis == config::SideBasis::kDealt;
  const bool of_far_leg = type == Type::kSwap && leg == config::SwapSideLeg::kFar;
  return buys != (of_term != of_far_leg) ? "1" : "2";
}

// --- what is said ---------------------------------------------------------------------------------------------------

void Flow::say(const std::string& body, bool broker, const std::string& who, std::vector<Sent>& sent) {
  lines_.push_back(who + ": " + body);
  if (lines_.size() > 40) lines_.erase(lines_.begin());
  sent = broker ? gateway_.from_broker(who, body) : gateway_.from_client(who, body);
  for (const Sent& message : sent) lines_.push_back("   -> " + message.session + ": " + readable(message.bytes));
}

// Cancels that the gateway sends of itself.
void Flow::learn(const std::vector<Sent>& sent) {
  for (const Sent& message : sent) {
    if (message.type() != "F") continue;
    for (Deal& deal : deals_) {
      if (std::find(deal.given.begin(), deal.given.end(), message[41]) != deal.given.end())
        deal.cancels.push_back(message[11]);
    }
  }
}

// A broker that has not answered a cancel in time and reports the order without it has lost it, and the gateway has
// refused it by then. Nothing is reserved for a cancel, so which they are is taken from the gateway.
void Flow::forget_lost_cancels() {
  const gateway::State& state = gateway_.state();
  for (Deal& deal : deals_) {
    std::erase_if(deal.cancels, [&](const std::string& given) {
      const gateway::State::Given known = state.given(given);
      return known.request != nullptr && !gateway::waits(*known.request);
    });
  }
}

}  // namespace portcullis::scenarios::exact
