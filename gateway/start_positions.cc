#include "gateway/start_positions.h"

#include <algorithm>
#include <string>

#include "gateway/sides.h"
#include "order/governance.h"

namespace portcullis::gateway {
namespace {

using order::Scope;
using order::StartPositions;
using Line = StartPositions::Line;

struct Unusable {
  Refusal refusal = Refusal::kConflict;
  std::string why;  // empty: it can be used
};

const risk::Node& node_of(const State& state, order::AccountId account) {
  return *state.risk.state().find(Scope::kAccount, account.value());
}
Quantity held(const State& state, const Line& line) {
  return node_of(state, line.account).exposure.of(line.instrument).position;
}
std::string named(const State& state, order::AccountId account, order::InstrumentId instrument) {
  return std::string(state.accounts[account.value()].name.view()) + " in " +
         std::string(state.instruments[instrument.value()].name.view());
}

Unusable examine_line(const State& state, const Line& line) {
  if (line.account.value() >= state.accounts.size() || state.risk.state().find_instrument(line.instrument) == nullptr) {
    return {Refusal::kUnknown, "an account or an instrument that there is not"};
  }
  if (line.quantity == held(state, line)) return {};
  // Executions of amounts of the other currency leave positions that no order could have as its quantity.
  const risk::Instrument& instrument = state.risk.state().instruments[line.instrument.value()];
  constexpr Quantity kCent = Quantity::from_raw(10);
  const Quantity grid = instrument.is_fx ? kCent : instrument.quantity_step;
  if (grid.is_positive() && line.quantity.raw() % grid.raw() != 0) {
    return {Refusal::kInvalid, "the position of " + named(state, line.account, line.instrument) +
                                   (instrument.is_fx ? " is off the grid of 0.01" : " is off the quantity's step")};
  }
  if (!line.price.is_positive()) {
    return {Refusal::kInvalid,
            "no price for what changes of " + named(state, line.account, line.instrument) + ", where one was expected"};
  }
  return {};
}

// What is held and not spoken of: whether it is gone or was forgotten, the file does not say.
std::string left_out(const State& state, const std::vector<Line>& lines) {
  std::string found;
  for (std::uint32_t i = 0; i < state.accounts.size() && found.empty(); ++i) {
    const order::AccountId account(i);
    node_of(state, account).exposure.each_instrument([&](order::InstrumentId instrument, const auto& cell) {
      if (cell.position.is_zero() || !found.empty()) return;
      const bool spoken_of = std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
        return line.account == account && line.instrument == instrument;
      });
      if (!spoken_of) {
        found = named(state, account, instrument) + " holds " + cell.position.to_string() +
                ", and the file has no line of it; a line with 0 says that it is gone";
      }
    });
  }
  return found;
}

Unusable examine(const State& state, const StartPositions& file) {
  if (!file.fault.empty()) return {Refusal::kInvalid, std::string(file.fault.view())};
  if (file.trade_date != state.trade_date) {
    return {Refusal::kStale, "it is of " + Date::from_days(file.trade_date).to_iso() + ", and the trade date is " +
                                 Date::from_days(state.trade_date).to_iso()};
  }
  const risk::Exposure& firm = state.risk.state().firm.exposure;
  if (!firm.traded_notional().is_zero()) {
    return {Refusal::kConflict, "something has been executed today already; it is taken before the first execution"};
  }
  for (const Line& line : file.lines) {
    Unusable unusable = examine_line(state, line);
    if (!unusable.why.empty()) return unusable;
  }
  return {Refusal::kConflict, left_out(state, file.lines)};
}

void book(Deciding& d, const StartPositions& file, const Line& line) {
  const Quantity change = line.quantity - held(d.state, line);
  const bool buys = change.is_positive();
  const order::Side side = buys ? order::Side::kBuy : order::Side::kSell;
  order::PositionAdjusted event{};
  event.time = d.now;
  event.proposal = order::kNoProposal;
  event.account = line.account;
  event.instrument = line.instrument;
  event.client = ClientId(static_cast<ClientId::rep>(d.state.accounts[line.account.value()].owner));
  event.buys_base = buys ? 1 : 0;
  event.quantity = change;
  event.price = line.price;
  event.booking = d.state.risk.booking_of(line.instrument, side, usual_dealt(d.state, line.instrument),
                                          buys ? change : Quantity() - change, line.price);
  event.booking.traded = Amount();
  event.booking.volume = Quantity();
  event.maker = file.user;
  event.checker = order::UserText("signature");
  event.reason = order::ReasonText::truncated("start-of-day positions of " + Date::from_days(file.trade_date).to_iso());
  event.evidence = file.digest;
  d.events.add(event);
}

}  // namespace

order::Reject decide_start_positions(Deciding& d, const StartPositions& file) {
  Unusable unusable = examine(d.state, file);
  const auto changes = static_cast<std::size_t>(
      unusable.why.empty() ? std::count_if(file.lines.begin(), file.lines.end(),
                                           [&](const Line& line) { return line.quantity != held(d.state, line); })
                           : 0);
  constexpr std::size_t kForTheRest = 64 << 10;
  if (changes * (sizeof(order::PositionAdjusted) + 64) + kForTheRest > d.events.remaining()) {
    unusable = {Refusal::kInvalid, "too many positions change for one record"};
  }
  if (!unusable.why.empty()) {
    d.alert(order::AlertCode::kStartPositions, order::Severity::kCritical,
            "start-of-day positions were refused: " + unusable.why);
    return refuse(d, unusable.refusal, "the file was refused and nothing has changed: " + unusable.why);
  }
  for (const Line& line : file.lines) {
    if (line.quantity != held(d.state, line)) book(d, file, line);
  }
  d.answer = std::to_string(file.lines.size()) + " positions are as the file says; " + std::to_string(changes) +
             " of them were not before";
  d.alert(order::AlertCode::kStartPositions, order::Severity::kInfo, "start-of-day positions: " + d.answer);
  return {};
}

}  // namespace portcullis::gateway
