#include <optional>

#include "risk/checks/registry.h"
#include "risk/listed.h"

// A3: the order type and the time in force are allowed in every scope, and the prices that the type needs
// are there. The log holds the bit that is asked for as usage and the set that allows it as limit.

namespace portcullis::risk {

namespace {

using order::Control;

// The set is that of the most specific scope that refuses, or else what all allow together.
template <typename Enum>
bool allowed(const Context& context, Judge& judge, Limit limit, std::optional<Enum> wanted) {
  if (!wanted) {
    judge.record(Control::kA3, order::Scope::kFirm, 0, 0, 0, false);
    return false;
  }
  const std::int64_t bit = bit_of(*wanted);
  const bool of_types = limit == Limit::kOrderTypes;
  const Node* last = of_types ? context.scopes.last_order_types : context.scopes.last_times_in_force;
  if (last == nullptr) return true;  // a broker that states nothing of its own
  std::int64_t everywhere = of_types ? context.scopes.order_types : context.scopes.times_in_force;
  const bool passed = (everywhere & bit) != 0;
  if (!passed) {
    everywhere = ~std::int64_t{0};
    for_places(context.stating(limit), [&](std::size_t place) {
      last = context.path()[place];
      everywhere &= context.scopes.limits_of(limit)[place];
      return (everywhere & bit) != 0;
    });
  }
  judge.record(Control::kA3, last->scope, last->id, bit, everywhere, passed);
  return passed;
}

bool needs_price(order::OrdType type) {
  return type == order::OrdType::kLimit || type == order::OrdType::kStopLimit ||
         type == order::OrdType::kPreviouslyQuoted || type == order::OrdType::kForexSwap;
}

bool needs_stop_px(order::OrdType type) {
  return type == order::OrdType::kStop || type == order::OrdType::kStopLimit;
}

// Swaps exchange currencies twice: a pair that delivers, and CashOrderQty(152) says too little of it.
bool instrument_takes(const Context& context, Judge& judge) {
  const Instrument& instrument = *context.instrument;
  const bool could = instrument.is_fx && instrument.delivers && context.dealt != order::Dealt::kTermCash;
  if (context.is_swap ? could : !instrument.only_swaps) return true;
  judge.record(Control::kA3, order::Scope::kInstrument, context.instrument_id.value(), context.is_swap, 0, false);
  judge.refuse(order::RejectCode::kUnsupported, Control::kA3, context.dealt == order::Dealt::kTermCash ? 152 : 40,
               {context.is_swap ? context.dealt == order::Dealt::kTermCash
                                      ? "a swap is dealt by OrderQty(38), not by CashOrderQty(152)"
                                      : "swaps of this instrument are not taken"
                                : "this instrument takes only swaps"});
  return false;
}

}  // namespace

bool check_a3_types(const Context& context, Judge& judge) {
  const order::Terms& terms = context.terms;
  if (context.type_is_new) {
    if (!allowed(context, judge, Limit::kOrderTypes, listed(terms.ord_type))) {
      judge.refuse(order::RejectCode::kUnsupported, Control::kA3, 40,
                   {"order type ", order::to_string(terms.ord_type), " is not allowed"});
      return false;
    }
    if (!allowed(context, judge, Limit::kTimesInForce, listed(terms.time_in_force))) {
      judge.refuse(order::RejectCode::kUnsupported, Control::kA3, 59,
                   {"time in force ", order::to_string(terms.time_in_force), " is not allowed"});
      return false;
    }
  }
  if (context.type_is_new && !instrument_takes(context, judge)) return false;
  if (needs_price(terms.ord_type) && (!terms.has_price || !terms.price.is_positive())) {
    judge.refuse(order::RejectCode::kNoPrice, Control::kA3, 44,
                 {"a ", order::to_string(terms.ord_type), " order needs a Price(44) above zero"});
    return false;
  }
  if (context.is_swap && !terms.price2.is_positive()) {
    judge.refuse(order::RejectCode::kNoPrice, Control::kA3, 640, {"a swap needs a Price2(640) above zero"});
    return false;
  }
  if (needs_stop_px(terms.ord_type) && (!terms.has_stop_px || !terms.stop_px.is_positive())) {
    judge.refuse(order::RejectCode::kNoPrice, Control::kA3, 99,
                 {"a ", order::to_string(terms.ord_type), " order needs a StopPx(99) above zero"});
    return false;
  }
  return true;
}

}  // namespace portcullis::risk
