// Soft levels and losses: what is said and done before a limit is reached, and when the day's loss has reached it.

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

#include "gateway/decide_consequences.h"
#include "order/evidence.h"
#include "order/latch_events.h"

namespace portcullis::gateway {
namespace {

using config::Limit;
using config::Response;
using order::AlertCode;
using order::Control;
using order::Scope;
using order::Severity;
using risk::LevelReached;
using risk::Node;

// Text for people, cut to what an alert holds.
class Words {
 public:
  Words& operator<<(std::string_view text) {
    const std::size_t length = std::min(text.size(), sizeof text_ - size_);
    text.copy(text_ + size_, length);
    size_ += length;
    return *this;
  }
  Words& operator<<(std::int64_t number) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    return *this << std::string_view(digits, static_cast<std::size_t>(end - digits));
  }
  std::string_view view() const { return {text_, size_}; }

 private:
  char text_[order::ReasonText::kCapacity];
  std::size_t size_ = 0;
};

std::int64_t saturated(Wide value) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp<Wide>(value, -kMax, kMax));
}

std::string_view name_of_scope(const State& state, const Node& node) {
  const NameTable* table = nullptr;
  switch (node.scope) {
    case Scope::kClient:
      table = &state.clients;
      break;
    case Scope::kAccount:
      table = &state.accounts;
      break;
    case Scope::kBroker:
      table = &state.brokers;
      break;
    case Scope::kInstrument:
      table = &state.instruments;
      break;
    case Scope::kSession:
      table = &state.session_names;
      break;
    case Scope::kGroup:
      table = &state.groups;
      break;
    case Scope::kTrader:
      table = &state.traders;
      break;
    case Scope::kCurrency:
      table = &state.currencies;
      break;
    default:
      return {};
  }
  return node.id < table->size() ? (*table)[node.id].name.view() : std::string_view();
}

order::Control control_of(Limit limit) {
  const std::string_view name = config::limit_info(limit).control;
  for (int i = 0; i <= static_cast<int>(Control::kF2); ++i) {
    if (order::to_string(static_cast<Control>(i)) == name) return static_cast<Control>(i);
  }
  return Control::kCore;
}

std::span<const std::uint8_t> levels_of(const risk::Settings& settings, Limit limit) {
  if (limit == Limit::kMaxDailyLoss) {
    return {&settings.breakers.daily_loss.soft_percent, settings.breakers.daily_loss.soft_percent != 0 ? 1u : 0u};
  }
  return {settings.soft_levels.percent.data(), settings.soft_levels.count};
}

// What the configuration says is done when this scope reaches this level: a response holds for the levels above it,
// until one has its own.
Response response_at(const risk::Settings& settings, Scope scope, std::uint8_t percent) {
  Response response = Response::kWarn;
  std::uint8_t of = 0;
  for (const config::LevelResponse& entry : settings.responses) {
    if (entry.percent > percent || entry.percent < of || order::to_string(scope) != config::to_text(entry.scope))
      continue;
    of = entry.percent;
    response = entry.response;
  }
  return response;
}

__attribute__((noinline)) void cross_level(Deciding& d, const Node& node, Limit limit, std::int64_t usage,
                                           std::uint32_t cell) {
  const risk::Settings& settings = d.state.risk.state().settings;
  const std::span<const std::uint8_t> percent = levels_of(settings, limit);
  const LevelReached* reached = node.levels.find(limit);
  const std::uint8_t before = reached != nullptr ? reached->level : 0;
  const std::int64_t allowed = node.limits[limit];
  std::uint8_t after = risk::level_after(usage, allowed, before, percent);
  if (after == before) return;
  if (after < before && reached->cell != cell) return;  // another instrument holds it there

  order::LimitLevelCrossed event{};
  event.time = d.now;
  event.usage = usage;
  event.limit = allowed;
  event.id = node.id;
  event.cell = cell;
  event.limit_index = static_cast<std::uint16_t>(limit);
  event.scope = node.scope;
  event.level = after;
  event.percent = after > 0 ? percent[after - 1] : 0;
  const Response response = after > 0 ? response_at(settings, node.scope, event.percent) : Response::kWarn;
  event.response = static_cast<std::uint8_t>(response);
  d.events.add(event);
  if (after < before || response == Response::kOff) return;

  Words text;
  text << order::to_string(node.scope) << " " << name_of_scope(d.state, node) << (node.scope == Scope::kFirm ? "" : " ")
       << "has used " << event.percent << " % of " << config::limit_info(limit).name;
  d.alert(AlertCode::kLimitLevel, after == percent.size() ? Severity::kCritical : Severity::kWarning, text.view());
  if (response == Response::kReduceOnly || response == Response::kBlockNew) {
    latch_scope(
        d, risk::LatchKey{control_of(limit), node.scope, node.id, order::InstrumentId::none(), risk::Direction::kBoth},
        usage, allowed, state_of(response), text.view());
  }
}

// As a rule the usage is below the lowest level, and nothing is above one.
void decide_level(Deciding& d, const Node& node, Limit limit, std::int64_t usage, std::uint32_t cell) {
  const std::span<const std::uint8_t> percent = levels_of(d.state.risk.state().settings, limit);
  const std::int64_t allowed = node.limits[limit];
  const bool below = percent.empty() || allowed <= 0 || Wide{usage} * 100 < Wide{allowed} * percent.front();
  if (below && node.levels.all().empty()) [[likely]]
    return;
  cross_level(d, node, limit, usage, cell);
}

// What the day has lost since its best moment.
void decide_drawdown(Deciding& d, const Node& node) {
  if (!node.limits.stated_here(Limit::kMaxDrawdown)) return;
  const std::int64_t drawdown = node.profit.drawdown().raw();
  decide_level(d, node, Limit::kMaxDrawdown, std::max<std::int64_t>(drawdown, 0), LevelReached::kNoCell);
  const std::int64_t allowed = node.limits[Limit::kMaxDrawdown];
  if (drawdown <= 0 || drawdown < allowed) return;
  const risk::LatchKey key{Control::kE1, node.scope, node.id, order::InstrumentId::none(), risk::Direction::kBoth, 1};
  if (d.state.risk.state().latches.find(key) != nullptr) return;
  Words text;
  text << "E1: what " << order::to_string(node.scope) << " " << name_of_scope(d.state, node)
       << (node.scope == Scope::kFirm ? "" : " ") << "has lost since the day's peak has reached max_drawdown";
  latch_scope(d, key, drawdown, allowed, state_of(d.state.risk.state().settings.breakers.daily_loss.response),
              text.view());
}

void decide_loss(Deciding& d, const Node& node) {
  decide_drawdown(d, node);
  if (!node.limits.stated_here(Limit::kMaxDailyLoss)) return;
  const std::int64_t loss = -node.profit.total().raw();
  decide_level(d, node, Limit::kMaxDailyLoss, std::max<std::int64_t>(loss, 0), LevelReached::kNoCell);
  const std::int64_t allowed = node.limits[Limit::kMaxDailyLoss];
  if (loss <= 0 || loss < allowed) return;
  const risk::LatchKey key{Control::kE1, node.scope, node.id, order::InstrumentId::none(), risk::Direction::kBoth};
  if (d.state.risk.state().latches.find(key) != nullptr) return;
  Words text;
  text << "E1: the day's loss of " << order::to_string(node.scope) << " " << name_of_scope(d.state, node)
       << (node.scope == Scope::kFirm ? "" : " ") << "has reached max_daily_loss";
  latch_scope(d, key, loss, allowed, state_of(d.state.risk.state().settings.breakers.daily_loss.response), text.view());
}

}  // namespace

namespace {

// D4 and D6 count each currency, and each value date, for itself.
void decide_currency_level(Deciding& d, const Node& node, order::CurrencyId currency,
                           const risk::CurrencyExposure& held) {
  const risk::Market& market = d.state.risk.state().market;
  if (!currency.has_value() || currency == market.risk_currency()) return;
  if (node.scope == Scope::kCurrency && node.id != currency.value()) return;
  const Wide worst = std::max(held.worst_long(), held.worst_short());
  decide_level(d, node, Limit::kMaxCurrencyPosition, risk::mark_of(worst, market.last_rate(currency)).raw(),
               currency.value());
}

void decide_credit_level(Deciding& d, const Node& node) {
  const risk::Credit& credit = d.state.risk.state().credit;
  const Amount used = node.scope == Scope::kFirm     ? credit.of_all()
                      : node.scope == Scope::kBroker ? credit.of(BrokerId(static_cast<BrokerId::rep>(node.id)))
                                                     : credit.of(ClientId(static_cast<ClientId::rep>(node.id)));
  decide_level(d, node, Limit::kMaxCredit, used.raw(), LevelReached::kNoCell);
}

void decide_node_levels(Deciding& d, const risk::Scopes& scopes, std::size_t at, const risk::Place& place) {
  const Node& node = *scopes.nodes[at];
  const risk::State& risk = d.state.risk.state();
  const risk::Exposure& sums = node.exposure;
  const auto states = [&node](Limit limit) { return node.limits.stated_here(limit); };
  if (states(Limit::kMaxOpenOrders)) {
    decide_level(d, node, Limit::kMaxOpenOrders, sums.open_orders(), LevelReached::kNoCell);
  }
  if (states(Limit::kMaxGrossOpenNotional)) {
    decide_level(d, node, Limit::kMaxGrossOpenNotional, sums.gross_open_notional().raw(), LevelReached::kNoCell);
  }
  const risk::InstrumentExposure& held = *scopes.instrument[at];
  if (states(Limit::kMaxLongPosition)) {
    decide_level(d, node, Limit::kMaxLongPosition, saturated(Wide{held.position.raw()} + held.open_buy.raw()),
                 place.instrument.value());
  }
  if (states(Limit::kMaxShortPosition)) {
    decide_level(d, node, Limit::kMaxShortPosition, saturated(Wide{held.open_sell.raw()} - held.position.raw()),
                 place.instrument.value());
  }
  if (states(Limit::kMaxDailyQuantity)) {
    decide_level(d, node, Limit::kMaxDailyQuantity, saturated(held.volume()), place.instrument.value());
  }
  if (states(Limit::kMaxDailyVolume)) {
    decide_level(d, node, Limit::kMaxDailyVolume,
                 saturated(Wide{sums.traded_notional().raw()} + sums.gross_open_notional().raw()),
                 LevelReached::kNoCell);
  }
  if (states(Limit::kMaxNetOpenPosition)) {
    const risk::NetOpen open = sums.net_open(risk.market);
    decide_level(d, node, Limit::kMaxNetOpenPosition, saturated(std::max(open.long_sum, open.short_sum)),
                 LevelReached::kNoCell);
  }
  if (states(Limit::kMaxCurrencyPosition)) {
    const risk::Instrument& instrument = risk.instruments[place.instrument.value()];
    decide_currency_level(d, node, instrument.base, *scopes.base[at]);
    decide_currency_level(d, node, instrument.term, *scopes.term[at]);
  }
  if (states(Limit::kMaxCredit)) decide_credit_level(d, node);
  if (states(Limit::kMaxDailySettlement) && place.settle_date != 0 && risk::keeps_dates(node.scope)) {
    decide_level(d, node, Limit::kMaxDailySettlement, sums.settlement(place.settle_date, risk.market).raw(),
                 static_cast<std::uint32_t>(place.settle_date));
  }
}

}  // namespace

// As a rule nothing is at a level, and no sum reaches the lowest one: then nothing follows. What is said of a place here
// only means that each of its limits is looked at by itself.
void decide_levels(Deciding& d, const risk::Place& place, const risk::Scopes& scopes) {
  const risk::State& risk = d.state.risk.state();
  if (risk.settings.soft_levels.count == 0) return;
  risk::Places looked_at = risk::find_levels_reached(scopes);
  // Another value date's columns say nothing of this one.
  if (place.settle_date != 0 && scopes.date != place.settle_date) looked_at = scopes.levelled;
  risk::for_places(scopes.levelled & ~looked_at, [&](std::size_t at) {
    const Node& node = *scopes.nodes[at];
    if (!node.levels.all().empty() || !node.exposure.is_marked(risk.market)) looked_at |= risk::Places{1} << at;
    return true;
  });
  // Credit is no sum of the scope's.
  risk::for_places(looked_at | scopes.credit_levelled, [&](std::size_t at) {
    if ((looked_at >> at & 1) != 0) {
      decide_node_levels(d, scopes, at, place);
    } else {
      decide_credit_level(d, *scopes.nodes[at]);
    }
    return true;
  });
}

namespace {

// What a line of evidence tells of one order beside a limit; nothing as a rule.
std::optional<Limit> order_level_of(const order::CheckResult& check, std::uint8_t percent) {
  if (check.passed == 0 || check.limit < 0) return std::nullopt;
  switch (check.control) {
    case Control::kB1:
    case Control::kB2:
      if (percent == 0 || check.limit == 0 || Wide{check.delta} * 100 < Wide{check.limit} * percent)
        return std::nullopt;
      return check.control == Control::kB1 ? Limit::kMaxOrderQuantity : Limit::kMaxOrderNotional;
    case Control::kB3:  // above its limit, and passed all the same: the passive band
      if (check.usage <= check.limit) return std::nullopt;
      return Limit::kPassiveBandPercent;
    default:
      return std::nullopt;
  }
}

}  // namespace

// B1, B2 and B3's passive band have no usage: what is told of is an order, or a replace, that takes more than the
// stated part of the limit whose word decided, or whose price is outside the band, once in kOrderLevelPause for a scope
// and a limit. `number`: the order that was taken.
void decide_order_levels(Deciding& d, OrderNumber number, std::span<const std::byte> checks) {
  const risk::State& risk = d.state.risk.state();
  const std::uint8_t percent = risk.settings.soft_levels.order_percent;
  if (percent == 0 && !risk.any_passive_band) return;
  for (std::size_t at = 0; at + sizeof(order::CheckResult) <= checks.size(); at += sizeof(order::CheckResult)) {
    order::CheckResult check;
    std::memcpy(&check, checks.data() + at, sizeof check);
    const std::optional<Limit> limit = order_level_of(check, percent);
    if (!limit) continue;
    // A broker that was passed over has not got the order.
    if (check.scope == Scope::kBroker && check.node != d.state.orders[number].broker.value()) continue;
    const Node* const node = risk.find(check.scope, check.node);
    if (node == nullptr) continue;
    const LevelReached* const told = node->levels.find(*limit);
    if (told != nullptr && d.now - told->time < risk::kOrderLevelPause) continue;
    const bool passive = *limit == Limit::kPassiveBandPercent;
    order::LimitLevelCrossed event{};
    event.time = d.now;
    event.usage = passive ? check.usage : check.delta;
    event.limit = check.limit;
    event.id = check.node;
    event.cell = LevelReached::kNoCell;
    event.limit_index = static_cast<std::uint16_t>(*limit);
    event.scope = check.scope;
    event.level = 1;
    event.percent = passive ? 100 : percent;
    event.response = static_cast<std::uint8_t>(Response::kWarn);
    d.events.add(event);
    Words text;
    if (passive) {
      text << "the price of one order is further behind the market than ";
    } else {
      text << "one order has taken " << percent << " % or more of ";
    }
    text << config::limit_info(*limit).name << " of " << order::to_string(check.scope) << " "
         << name_of_scope(d.state, *node) << "; the next within a minute are not told of";
    d.alert(AlertCode::kLimitLevel, Severity::kWarning, text.view());
  }
}

void decide_losses(Deciding& d, const risk::Scopes& scopes) {
  risk::for_places(scopes.losing, [&](std::size_t at) {
    decide_loss(d, *scopes.nodes[at]);
    return true;
  });
}

bool decide_all_losses(Deciding& d) {
  bool all = true;
  d.state.risk.each_moved_profit([&](const Node& node) {
    all = all && d.events.remaining() >= kConsequenceReserve;
    if (all) decide_loss(d, node);
  });
  if (all) d.state.risk.forget_moved_profits();
  return all;
}

}  // namespace portcullis::gateway
