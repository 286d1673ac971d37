#include <algorithm>

#include "risk/limits.h"
#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

// What stands before a start and before a day: caps, limits that a client must have, files of positions.

namespace {

// A cap that no limit of the file is beyond: those that the file states are its own affair.
std::optional<std::int64_t> loosest_of(const config::RiskSection& risk, config::Limit limit) {
  if (!config::get_limit(risk.firm, limit)) return std::nullopt;
  std::int64_t loosest = 0;
  const auto take = [&](const config::LimitSet& set) {
    if (const auto value = config::get_limit(set, limit)) loosest = std::max(loosest, risk::to_raw(*value));
  };
  take(risk.firm);
  for (const auto* list : {&risk.groups, &risk.clients, &risk.accounts, &risk.brokers, &risk.instruments,
                           &risk.sessions, &risk.traders, &risk.currencies}) {
    for (const config::ScopeLimits& each : *list) {
      take(each.limits);
      for (const auto& crossed : each.instruments) take(crossed.second);
    }
  }
  return loosest;
}

}  // namespace

void choose_caps(config::Config& c, std::mt19937_64& random) {
  for (const auto& same : kSame) {
    const auto loosest = loosest_of(c.risk, same.first);
    std::optional<config::LimitValue> cap;
    if (loosest && random() % 3 == 0) {
      cap = risk::from_raw(same.first, *loosest + *loosest * static_cast<std::int64_t>(random() % 60) / 100);
    }
    config::set_limit(c.risk.absolute, same.first, cap);
  }
}

void choose_mandatory(config::Config& c, std::mt19937_64& random) {
  c.risk.mandatory.clear();
  if (random() % 2 == 0) return;
  for (const config::Limit limit : {config::Limit::kMaxOpenOrders, config::Limit::kMaxGrossOpenNotional,
                                    config::Limit::kMaxLongPosition, config::Limit::kMaxNetOpenPosition}) {
    if (random() % 3 == 0) c.risk.mandatory.push_back(limit);
  }
}

void copy_file(Model& model, const config::Config& c) {
  model.mandatory.clear();
  for (const auto& [theirs, ours] : kSame) {
    const auto cap = config::get_limit(c.risk.absolute, theirs);
    auto& to = model.caps[static_cast<std::size_t>(ours)];
    to = cap ? std::optional<Int>(risk::to_raw(*cap)) : std::nullopt;
    const auto& asked = c.risk.mandatory;
    if (std::find(asked.begin(), asked.end(), theirs) != asked.end()) model.mandatory.push_back(ours);
  }
}

// The next start reads another file: groups, caps that are tighter, looser or gone, other limits that are mandatory.
void Flow::change_file() {
  bool other = false;
  if (one_in(2)) {
    const auto client = static_cast<std::size_t>(below(2));
    const int group = static_cast<int>(below(3)) - 1;
    configuration_.clients[client].group = group < 0 ? "" : model_.groups[static_cast<std::size_t>(group)];
    model_.regroup(static_cast<int>(client), group);
    lines_.push_back("client " + model_.clients[client] + " is in group '" + configuration_.clients[client].group +
                     "'");
    ++counts_.regrouped;
    other = true;
  }
  if (one_in(2)) {
    choose_caps(configuration_, random_);
    if (one_in(2)) choose_mandatory(configuration_, random_);
    copy_file(model_, configuration_);
    lines_.push_back("the file has other caps");
    other = true;
  }
  if (other) gateway_.configured_with(configuration_);
}

// Instead of an order of a client whose session is not enabled: it is asked for, and given what it lacks.
void Flow::ask_to_enable(int client) {
  const std::vector<Limit> missing = model_.missing(client);
  const auto name = [](Limit which) {
    const auto same =
        std::find_if(std::begin(kSame), std::end(kSame), [&](const auto& each) { return each.second == which; });
    return std::pair(same->first, std::string(config::limit_info(same->first).name));
  };
  const auto session = static_cast<std::uint16_t>(core_id({Scope::kSession, client}));
  gateway_.command(order::EnableSession{order::SessionId(session), true, order::UserText("ops")});
  const gateway::CommandOutcome outcome = gateway_.last_outcome();
  lines_.push_back("ops enables " + model_.clients[static_cast<std::size_t>(client)] + ": " + outcome.text);
  if (static_cast<bool>(outcome.reject) != !missing.empty()) {
    return fail(missing.empty() ? "a client with all limits that are mandatory is not enabled"
                                : "a client without " + name(missing[0]).second + " of its own is enabled");
  }
  if (missing.empty()) {
    model_.enabled[static_cast<std::size_t>(client)] = true;
    ++counts_.enabled;
    return;
  }
  ++counts_.not_enabled;
  for (const auto& [theirs, ours] : kSame) {
    const bool lacks = std::find(missing.begin(), missing.end(), ours) != missing.end();
    const bool named = outcome.text.find(config::limit_info(theirs).name) != std::string::npos;
    if (lacks != named) return fail("who is not enabled is told of what it lacks: " + outcome.text);
  }
  // At the client, its session, its group or one of its accounts, wherever it may stand.
  std::vector<NodeId> places = {{Scope::kClient, client}, {Scope::kSession, client}};
  if (const int group = model_.group_of[static_cast<std::size_t>(client)]; group >= 0)
    places.push_back({Scope::kGroup, group});
  for (std::size_t a = 0; a < model_.accounts.size(); ++a) {
    if (model_.accounts[a].client == client) places.push_back({Scope::kAccount, static_cast<int>(a)});
  }
  const Limit which = missing[below(missing.size())];
  const NodeId node = places[below(places.size())];
  ask_for_limit(core_scope(node), node, which, static_cast<std::uint16_t>(name(which).first),
                some_value(which, [this](std::uint64_t count) { return below(count); }));
}

// What the back office says is held when the day begins; now and then something is wrong with the file.
void Flow::tell_positions() {
  enum class Wrong { kLeftOut, kOtherDay, kOffGrid, kNoPrice, kSignature, kNothing };
  const auto wrong = one_in(2) ? Wrong::kNothing : static_cast<Wrong>(below(5));
  std::vector<Model::PositionLine> lines;
  for (std::size_t a = 0; a < model_.accounts.size(); ++a) {
    const Sums& sums = model_.sums_of({Scope::kAccount, static_cast<int>(a)});
    for (std::size_t i = 0; i < model_.instruments.size(); ++i) {
      const Int held = sums.instruments[i].position;
      if (held == 0 && !one_in(6)) continue;
      if (wrong == Wrong::kLeftOut && one_in(3)) continue;
      Model::PositionLine line{static_cast<int>(a), static_cast<int>(i), held, 0};
      if (!one_in(3)) {
        const bool fx = model_.instruments[i].is_fx();
        line.qty = (static_cast<Int>(below(fx ? 4'000'001 : 201)) - (fx ? 2'000'000 : 100)) * 1'000;
        if (fx && one_in(4)) line.qty += 10 * static_cast<Int>(below(100));
        if (wrong == Wrong::kOffGrid && one_in(2)) line.qty += 1 + static_cast<Int>(below(9));
      }
      if (line.qty != held && (wrong != Wrong::kNoPrice || one_in(2))) line.price = some_fill_price(line.instrument);
      lines.push_back(line);
    }
  }
  order::StartPositions file;
  file.user = order::UserText("ops");
  file.trade_date = model_.trade_date - (wrong == Wrong::kOtherDay ? 1 : 0);
  if (wrong == Wrong::kSignature) file.fault = order::ReasonText("its signature is another one");
  for (const Model::PositionLine& line : lines) {
    file.lines.push_back({order::AccountId(core_id({Scope::kAccount, line.account})),
                          order::InstrumentId(core_id({Scope::kInstrument, line.instrument})),
                          Quantity::from_raw(static_cast<std::int64_t>(line.qty)),
                          Price::from_raw(static_cast<std::int64_t>(line.price))});
  }
  const Model::FileAnswer expected =
      wrong == Wrong::kSignature ? Model::FileAnswer::kRefused : model_.predict_positions(file.trade_date, lines);
  gateway_.command(file);
  const gateway::CommandOutcome outcome = gateway_.last_outcome();
  lines_.push_back("a file of " + std::to_string(lines.size()) + " positions: " + outcome.text);
  const bool taken = !outcome.reject;
  if (expected != Model::FileAnswer::kEither && taken != (expected == Model::FileAnswer::kTaken)) {
    return fail(taken ? "a file of positions was taken that must be refused"
                      : "a file of positions is refused: " + outcome.text);
  }
  ++(taken ? counts_.files : counts_.files_refused);
  if (!taken) return;
  model_.start_positions(lines);
  judge(all());
}

}  // namespace portcullis::scenarios::exact
