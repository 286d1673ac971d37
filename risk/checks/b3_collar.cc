#include <algorithm>
#include <limits>

#include "risk/checks/registry.h"
#include "risk/collar.h"

// B3: a buy's prices are at most the reference plus the collar, a sell's at least the reference minus it;
// the reference is the middle of a fresh quote. Limit and trigger price are both held to it, and of a swap the
// price of each leg by the leg's own direction. Without a fresh quote nothing that has a price can be judged, and
// what has none must not trade blindly: refused. An instrument may say otherwise of limit prices
// (collar_without_data): they are held to its static collar around the last quote, or pass. A quote wider than
// max_spread_percent is as good as none, and so is the one that it took the place of: nothing is held to a static
// collar.
//
// A limit price on the passive side that is further from the middle of a fresh quote than passive_band_percent is taken:
// a line that has passed says so, with the distance in percent as the usage and the band as the limit, and an alert
// follows (gateway/decide_levels.cc).
//
// In the log a buy's price is the usage and the highest price the limit. A sell stands negated, so that
// there too usage <= limit is what passes.

namespace portcullis::risk {

namespace {

using order::Control;

// Of a limit that no order's figure is held to: the scope that states least.
constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::min();

bool inside(const Context& context, Judge& judge, const Node& node, const Quote& quote, std::int64_t collar, Price price,
            std::uint16_t tag) {
  // The far leg of a swap goes the other way.
  const bool buys = context.buys_base == (tag != 640);
  const std::int64_t limit = collar_edge(quote, collar, buys);
  const bool passed = buys ? judge.test(Control::kB3, node.scope, node.id, price.raw(), 0, limit)
                                        : judge.test(Control::kB3, node.scope, node.id, -price.raw(), 0, -limit);
  if (passed) return true;
  judge.refuse(order::RejectCode::kCollar, Control::kB3, tag,
               {tag == 99 ? "StopPx(99) " : tag == 640 ? "Price2(640) " : "Price(44) ", RawText(price.raw(), Price::kScale).view(),
                " is too far from the market"});
  return false;
}

// The band is asked of what rests: a stop's price is no offer until the market comes. Of a swap, the leg further away
// speaks for both.
void ask_passive_band(const Context& context, Judge& judge) {
  const order::Terms& terms = context.terms;
  if (context.quote == nullptr || !terms.has_price) return;
  if (context.scopes.least[static_cast<std::size_t>(Limit::kPassiveBandPercent)] == nullptr) return;
  std::int64_t distance = distance_behind(*context.quote, terms.price, context.buys_base);
  if (context.is_swap) distance = std::max(distance, distance_behind(*context.quote, terms.price2, !context.buys_base));
  context.each_word(Limit::kPassiveBandPercent, kAny, [&](const Node& node) {
    const std::int64_t band = node.limits[Limit::kPassiveBandPercent];
    if (distance > band) judge.record(Control::kB3, node.scope, node.id, distance, band, true);
    return true;
  });
}

// What the prices are held to by one scope's collar.
bool prices_fit(const Context& context, Judge& judge, const Node& node, const Quote& quote, bool triggered) {
  const order::Terms& terms = context.terms;
  const std::int64_t collar = &quote == context.quote ? node.limits[Limit::kPriceCollarPercent]
                                                      : context.instrument->static_collar.raw();
  const auto fits = [&](Price price, std::uint16_t tag) {
    return inside(context, judge, node, quote, collar, price, tag);
  };
  if (terms.has_price && terms.ord_type != order::OrdType::kMarket && terms.ord_type != order::OrdType::kStop &&
      !fits(terms.price, 44)) {
    return false;
  }
  if (context.is_swap && !fits(terms.price2, 640)) return false;
  return !triggered || fits(terms.stop_px, 99);
}

}  // namespace

bool check_b3_collar(const Context& context, Judge& judge) {
  // More of an old price is as far from the market as a new one; a new order's price always counts.
  if (!context.price_is_new && !context.quantity_grows) return true;
  const Quote* quote = context.quote;
  if (const Node* node = context.spread_limit) {
    judge.test(Control::kB3, node->scope, node->id, context.spread, 0, node->limits[Limit::kMaxSpreadPercent]);
  }
  if (quote == nullptr) {
    const config::CollarWithoutData way = context.instrument->collar_without_data;
    const order::OrdType type = context.terms.ord_type;
    const bool limited = type != order::OrdType::kMarket && type != order::OrdType::kStop;
    if (limited && way == config::CollarWithoutData::kAllow) {
      judge.record(Control::kB3, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, true);
      return true;
    }
    if (limited && way == config::CollarWithoutData::kStatic) quote = context.last_quote;
  }
  if (quote == nullptr) {
    judge.record(Control::kB3, order::Scope::kInstrument, context.instrument_id.value(), 0, 0, false);
    if (context.too_wide()) {
      judge.refuse(order::RejectCode::kNoPrice, Control::kB3, 0,
                   {"the quote is wider than ", LimitText(*context.spread_limit, Limit::kMaxSpreadPercent).view()});
      return false;
    }
    judge.refuse(order::RejectCode::kNoPrice, Control::kB3, 0, {"no current quote to judge the price by"});
    return false;
  }
  const order::Terms& terms = context.terms;
  const bool triggered = terms.ord_type == order::OrdType::kStop || terms.ord_type == order::OrdType::kStopLimit;
  const bool rests = !triggered && terms.ord_type != order::OrdType::kMarket;
  if (!context.each_word(Limit::kPriceCollarPercent, kAny, [&](const Node& node) {
        return prices_fit(context, judge, node, *quote, triggered);
      })) {
    return false;
  }
  if (rests) ask_passive_band(context, judge);
  return true;
}

}  // namespace portcullis::risk
