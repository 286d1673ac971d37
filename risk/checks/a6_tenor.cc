#include <algorithm>
#include <string_view>

#include "risk/checks/registry.h"

// A6: the order has a value date that its pair settles on, not further away than any scope allows; a broken date, one
// that no tenor of the market leads to, only where the instrument takes it; an NDF says when it is fixed. A replace
// cannot change the value date.

namespace portcullis::risk {

namespace {

using order::Control;

bool refuse(const Context& context, Judge& judge, std::uint16_t tag, std::string_view why) {
  judge.record(Control::kA6, order::Scope::kInstrument, context.instrument_id.value(), context.value.date, 0, false);
  judge.refuse(order::RejectCode::kUnsupported, Control::kA6, tag, {why});
  return false;
}

// `tag`: where the date stands, SettlDate(64) or a swap's SettlDate2(193).
bool date_is_good(const Context& context, Judge& judge, const ValueDate& value, std::uint16_t tag) {
  switch (value.fault) {
    case DateFault::kNone:
      break;
    case DateFault::kNoCalendar:
      return refuse(context, judge, tag, "no value date: a currency of the pair has no calendar");
    case DateFault::kUnknownTenor:
      return refuse(context, judge, 63, "SettlType(63) is no tenor of this gateway");
    case DateFault::kNeedsDate:
      return refuse(context, judge, tag,
                    tag == 193 ? "a swap needs its far leg's date, SettlDate2(193)"
                               : "this SettlType(63) needs a SettlDate(64)");
    case DateFault::kNotBusiness:
      return refuse(context, judge, tag, tag == 193 ? "the pair does not settle on this SettlDate2(193)"
                                              : "the pair does not settle on this SettlDate(64)");
    case DateFault::kPast:
      return refuse(context, judge, tag, tag == 193 ? "SettlDate2(193) is before the trade date" : "SettlDate(64) is before the trade date");
    case DateFault::kNoFixing:
      return refuse(context, judge, 541, "a non-deliverable forward needs its fixing date, MaturityDate(541)");
    case DateFault::kBadFixing:
      return refuse(context, judge, 541, "the fixing date is in the past or after the value date");
  }
  if (value.broken && !context.instrument->broken_dates) {
    return refuse(context, judge, tag, "broken dates of this instrument are not taken");
  }
  return true;
}

}  // namespace

bool check_a6_tenor(const Context& context, Judge& judge) {
  if (context.is_replace || !context.instrument->is_fx) return true;
  if (!date_is_good(context, judge, context.value, 64)) return false;
  if (context.is_swap && !date_is_good(context, judge, context.value2, 193)) return false;
  if (context.is_swap && context.value2.date <= context.value.date) {
    return refuse(context, judge, 193, "the far leg of a swap settles after its near leg");
  }
  const std::int32_t last = std::max(context.value.date, context.value2.date);
  const std::int64_t days = std::int64_t{last} - context.trade_date;
  return context.each_word(Limit::kMaxTenorDays, days, [&](const Node& node) {
    if (judge.test(Control::kA6, node.scope, node.id, 0, days, node.limits[Limit::kMaxTenorDays])) return true;
    judge.refuse(order::RejectCode::kUnsupported, Control::kA6, context.is_swap ? 193 : 64,
                 {"the value date is further away than ", LimitText(node, Limit::kMaxTenorDays).view()});
    return false;
  });
}

}  // namespace portcullis::risk
