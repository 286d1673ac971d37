#include "tests/scenarios/exact_model.h"

namespace portcullis::scenarios::exact {

// E1: realised and unrealised at bid and ask, of the day; and what was lost since the day's best moment.

namespace {

Int floor_divide(Int numerator, Int denominator) {
  return -divide_up(-numerator, denominator);
}

}  // namespace

bool Model::keeps_profit(NodeId id) const {
  return id.scope == Scope::kFirm || id.scope == Scope::kClient || id.scope == Scope::kAccount ||
         id.scope == Scope::kTrader || id.scope == Scope::kBroker;
}

// In the currency of its price: a long position at the bid, a short one at the ask.
Int Model::worth_at_close(NodeId id, int instrument) const {
  const auto at = static_cast<std::size_t>(instrument);
  const Int position = sums_of(id).instruments[at].position;
  if (position == 0 || !quotes[at]) return 0;
  const Int mark = position < 0 ? quotes[at]->ask : quotes[at]->bid;
  return divide_half_even(position * mark * instruments[at].multiplier, power(9));
}

Int Model::profit(NodeId id) const {
  const Sums& sums = sums_of(id);
  Int all = 0;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    const InstrumentSums& cell = sums.instruments[i];
    const auto found = carried_.find({id, static_cast<int>(i)});
    const Carried began = found == carried_.end() ? Carried() : found->second;
    const Int term = cell.cash - began.cash - began.value + worth_at_close(id, static_cast<int>(i));
    const auto currency = static_cast<std::size_t>(instruments[i].term);
    const Int rate = currency == 0 ? power(12) : rates[currency] ? rates[currency]->value : 0;
    all += floor_divide(term * rate, power(12));
  }
  return all;
}

// The control latches and its scope takes only what reduces. Within the doubt of a rounding the gateway's word stands.
void Model::trip(Node& here, Int by, Int limit, bool& latched, bool told) {
  if (latched || by <= -kProfitDoubt || by + kProfitDoubt < limit) return;
  const bool sure = by >= limit + kProfitDoubt && by > kProfitDoubt;
  if (!sure && !told) return;
  latched = true;
  if (here.condition == Condition::kActive) here.condition = Condition::kReduceOnly;
}

void Model::judge_loss(NodeId id, const Told& told) {
  const Int now = profit(id);
  Int& peak = peaks_[id];
  peak = worse(peak, now);
  Node& here = node(id);
  if (const auto most = own(id, Limit::kDrawdown)) trip(here, peak - now, *most, here.fallen, told.fallen);
  if (const auto most = own(id, Limit::kLoss)) trip(here, -now, *most, here.lost, told.lost);
}

}  // namespace portcullis::scenarios::exact
