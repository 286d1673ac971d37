#include "gateway/record.h"
#include "risk/limits.h"
#include "tests/scenarios/exact_flow_world.h"

namespace portcullis::scenarios::exact {

// The market, time and restarts.

void Flow::operate() {
  if (one_in(60)) return tell_positions();
  const std::uint64_t dice = below(22);
  if (dice < 5) return tell_rate();
  if (dice < 11) return tell_quote();
  if (dice < 17) return change_limit();
  change_state();
}

void Flow::tell_rate() {
  const int currency = 1 + static_cast<int>(below(3));
  Int rate = model_.rates[static_cast<std::size_t>(currency)]->value;
  rate += rate * (static_cast<Int>(below(201)) - 100) / 10'000;
  model_.rates[static_cast<std::size_t>(currency)] = Model::Value{rate, gateway_.now().ns() / 1'000'000};
  told_rates_[static_cast<std::size_t>(currency)] = true;
  const auto index = core_id({Scope::kCurrency, currency});
  gateway_.command(order::SetRate{order::CurrencyId(static_cast<std::uint16_t>(index)),
                                  Rate::from_raw(static_cast<std::int64_t>(rate)), order::UserText("risk1")});
  lines_.push_back("rate of " + model_.currencies[static_cast<std::size_t>(currency)] + " " + decimal(rate, 12));
  judge(all());
}

void Flow::tell_quote() {
  const auto instrument = static_cast<std::size_t>(below(model_.instruments.size()));
  const Int tick = model_.instruments[instrument].tick;
  Model::Quote& quote = *model_.quotes[instrument];
  Int bid = quote.bid + quote.bid * (static_cast<Int>(below(201)) - 100) / 20'000;
  bid -= bid % tick;
  told_quotes_[instrument] = true;
  quote = Model::Quote{bid, bid + tick * static_cast<Int>(1 + below(40)), gateway_.now().ns() / 1'000'000};
  gateway_.command(order::SetQuote{order::InstrumentId(core_id({Scope::kInstrument, static_cast<int>(instrument)})),
                                   Price::from_raw(static_cast<std::int64_t>(quote.bid)),
                                   Price::from_raw(static_cast<std::int64_t>(quote.ask)), order::UserText("risk1")});
  lines_.push_back("quote of " + model_.instruments[instrument].symbol + " " + decimal(quote.bid, 8) + "/" +
                   decimal(quote.ask, 8));
  judge(all());
}

void Flow::pause() {
  if (one_in(12)) {
    ++counts_.rolls;
    counts_.flat += model_.flat_days ? 1 : 0;
    // No weekends.
    model_.roll(model_.trade_date + ((model_.trade_date + 4) % 7 == 5 ? 3 : 1));
    gateway_.command(order::RollDay{model_.trade_date});
    if (gateway_.last_outcome().reject) return fail("the day does not roll");
    lines_.push_back("the day rolls");
    // ClOrdIDs of orders that are over may come again; the flow does not try which.
    client_ids_[0].clear();
    client_ids_[1].clear();
    if (one_in(2)) tell_positions();
    return;
  }
  const Duration time = Duration::milliseconds(static_cast<std::int64_t>(below(one_in(8) ? 90'000 : 3'000)));
  learn(gateway_.pass(time));
  forget_lost_cancels();
  model_.now_ms = gateway_.now().ns() / 1'000'000;
  lines_.push_back("time passes: " + std::to_string(time.ms()) + " ms");
  if (const int reverted = model_.revert(); reverted != 0) {
    counts_.reverted += static_cast<std::uint64_t>(reverted);
    judge(all());
  }
}

// A start from a snapshot, or from the journal alone. Now and then the file has changed.
void Flow::restart() {
  ++counts_.restarts;
  journal_.insert(journal_.end(), gateway_.records().begin(), gateway_.records().end());
  const bool snapshot = one_in(2);
  gateway_ = snapshot ? Gateway::recovered_from(gateway_) : Gateway::folded_from(gateway_, journal_);
  lines_.push_back(snapshot ? "restart from a snapshot" : "restart from the journal");
  // What things are worth in the risk currency is known again with the configuration.
  failure_ = compare(false);
  change_file();
  gateway_.restart();
  const std::vector<bool> before = model_.enabled;
  model_.disable_who_lacks();
  counts_.disabled += before != model_.enabled ? 1 : 0;
  // The file is read again: what nobody has told better is as of now, and losses are looked at.
  for (std::size_t c = 0; c < model_.rates.size(); ++c) {
    if (!model_.rates[c] || told_rates_[c]) continue;
    model_.rates[c]->time_ms = model_.now_ms;
  }
  for (std::size_t i = 0; i < model_.quotes.size(); ++i) {
    if (!told_quotes_[i]) model_.quotes[i]->time_ms = model_.now_ms;
  }
  judge(all());
  for (const char* client : kClients) gateway_.log_on(client, false);
  for (const char* broker : kBrokers) {
    learn(gateway_.log_on(broker, true));
    learn(gateway_.drained(broker));
  }
  learn(gateway_.pass(Duration()));
}

}  // namespace portcullis::scenarios::exact
