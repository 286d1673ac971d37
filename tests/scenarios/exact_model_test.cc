#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#include "risk/engine.h"
#include "tests/scenarios/exact_flow.h"

// Random trading days against the exact model, which is told what happens and keeps no sums. A failure names its seed:
// PORTCULLIS_SEED=n runs that one alone; PORTCULLIS_SEEDS=n so many.

namespace portcullis::scenarios::exact {
namespace {

constexpr int kSteps = 1'000;

std::string story(const Flow& flow) {
  std::string all;
  for (const std::string& line : flow.last_lines()) all += "\n  " + line;
  return all;
}

TEST(ExactModel, TheCoreAgreesAfterEveryStep) {
  std::uint64_t first = 1, last = 400;
  if (const char* count = std::getenv("PORTCULLIS_SEEDS")) last = std::stoul(count);
  if (const char* one = std::getenv("PORTCULLIS_SEED")) first = last = std::stoul(one);
  Flow::Counts all;
  std::uint64_t steps = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Flow flow(seed);
    for (int i = 0; i < kSteps; ++i) {
      ++steps;
      const std::string wrong = flow.step();
      ASSERT_EQ(wrong, "") << "PORTCULLIS_SEED=" << seed << ", step " << i << story(flow);
    }
    const std::string wrong = flow.finish();
    ASSERT_EQ(wrong, "") << "PORTCULLIS_SEED=" << seed << ", at the end" << story(flow);
    const Flow::Counts& c = flow.counts();
    all.accepted += c.accepted, all.refused += c.refused, all.replaced += c.replaced;
    all.replace_refused += c.replace_refused, all.fills += c.fills, all.busts += c.busts;
    all.corrections += c.corrections, all.late += c.late, all.overfills += c.overfills;
    all.restarts += c.restarts, all.rolls += c.rolls, all.suspense += c.suspense, all.duplicates += c.duplicates;
    all.swaps += c.swaps, all.forwards += c.forwards, all.futures += c.futures, all.by_traders += c.by_traders;
    all.losses += c.losses, all.rearmed += c.rearmed, all.raised += c.raised, all.lowered += c.lowered;
    all.reverted += c.reverted, all.regrouped += c.regrouped;
    all.told += c.told, all.flat += c.flat, all.lent += c.lent;
    all.files += c.files, all.files_refused += c.files_refused, all.enabled += c.enabled;
    all.not_enabled += c.not_enabled, all.disabled += c.disabled, all.capped += c.capped;
    all.unasked += c.unasked;
  }
  std::printf(
      "seeds %lu to %lu, %lu steps: %lu orders accepted, %lu refused; %lu replaces sent, %lu refused; %lu fills, "
      "%lu late, %lu over; %lu busts, %lu corrections, %lu in suspense, %lu repeated; %lu days, %lu restarts; %lu "
      "swaps, "
      "%lu forwards that do not deliver, %lu futures, %lu orders of traders; %lu losses that latched, %lu controls "
      "armed "
      "again; %lu limits lowered by one, %lu raised by two, %lu gone back; %lu changes of groups; "
      "%lu large orders told of, %lu flat days, credit compared %lu times; %lu files of positions taken, %lu refused; "
      "%lu times a session was enabled, %lu times it lacked a limit, %lu files disabled one; %lu limits beyond a cap; "
      "%lu orders ended unasked\n",
      first, last, steps, all.accepted, all.refused, all.replaced, all.replace_refused, all.fills, all.late,
      all.overfills, all.busts, all.corrections, all.suspense, all.duplicates, all.rolls, all.restarts, all.swaps,
      all.forwards, all.futures, all.by_traders, all.losses, all.rearmed, all.lowered, all.raised, all.reverted,
      all.regrouped, all.told, all.flat, all.lent, all.files, all.files_refused, all.enabled, all.not_enabled,
      all.disabled, all.capped, all.unasked);
  if (first == last) return;
  // What never happens proves nothing.
  for (const std::uint64_t count :
       {all.accepted,  all.refused, all.replaced,    all.replace_refused, all.fills,      all.late,
        all.overfills, all.busts,   all.corrections, all.suspense,        all.duplicates, all.rolls,
        all.restarts,  all.swaps,   all.forwards,    all.futures,         all.by_traders, all.losses,
        all.lowered,   all.raised,  all.reverted,    all.regrouped,       all.told,       all.lent,
        all.unasked}) {
    EXPECT_GE(count, (last - first) / 2);
  }
  EXPECT_GT(all.rearmed, 0u);
  EXPECT_GT(all.flat, 0u);
  for (const std::uint64_t count :
       {all.files, all.files_refused, all.enabled, all.not_enabled, all.disabled, all.capped}) {
    EXPECT_GT(count, 0u);
  }
}

// What a day of this flow ends in when something is wrong with the core: the first difference, or nothing.
std::string first_difference(std::uint64_t seed, const std::function<void(gateway::testing::Gateway&, int)>& fault) {
  Flow flow(seed);
  int reports = 0;
  flow.after_report = [&](gateway::testing::Gateway& gateway) { fault(gateway, ++reports); };
  for (int i = 0; i < kSteps; ++i) {
    if (std::string wrong = flow.step(); !wrong.empty()) return wrong;
  }
  return flow.finish();
}

// A thing that the core forgets in every scope at once, so that its own sums still fit.
risk::Engine& engine_of(gateway::testing::Gateway& gateway) {
  return const_cast<risk::Engine&>(gateway.state().risk);
}

TEST(ExactModel, FindsOneReleaseThatWasDropped) {
  int planted = 0;
  const std::string wrong = first_difference(7, [&](gateway::testing::Gateway& gateway, int) {
    const gateway::State& state = gateway.state();
    for (std::uint64_t i = 0; i < state.orders.size() && planted == 0; ++i) {
      const gateway::Order& order = state.orders[order::OrderNumber(i)];
      if (order.status != order::OrdStatus::kCanceled) continue;
      // As if the cancel had left one unit of it behind.
      engine_of(gateway).reserve(place_of(order), order::Need{},
                                 order::Need{Quantity::of(1), Amount::of(1), Amount::of(1)});
      ++planted;
    }
    EXPECT_FALSE(state.risk.verify()) << "the sums still fit: only a model sees it";
  });
  EXPECT_EQ(planted, 1);
  EXPECT_NE(wrong.find(" is "), std::string::npos) << "a dropped release was not found";
}

TEST(ExactModel, FindsOneFillThatWasBookedTwice) {
  bool planted = false;
  const std::string wrong = first_difference(8, [&](gateway::testing::Gateway& gateway, int) {
    const gateway::State& state = gateway.state();
    if (planted || state.executions.size() == 0) return;
    const gateway::Execution& last = state.executions[order::ExecutionNumber(state.executions.size() - 1)];
    if (!last.booked || !last.order.has_value()) return;
    engine_of(gateway).book(place_of(state.orders[last.order]), last.traded->booking);
    planted = true;
  });
  EXPECT_TRUE(planted);
  EXPECT_NE(wrong, "") << "a fill that was booked twice was not found";
}

TEST(ExactModel, FindsALimitThatIsNotThere) {
  bool planted = false;
  std::string wrong;
  for (std::uint64_t seed = 1; seed <= 20 && wrong.empty(); ++seed) {
    planted = false;
    wrong = first_difference(seed, [&](gateway::testing::Gateway& gateway, int) {
      if (planted) return;
      planted = true;
      const auto limit = static_cast<std::uint16_t>(config::Limit::kMaxOpenOrders);
      for (std::uint32_t account = 0; account < 3; ++account) {
        engine_of(gateway).set_limit(order::Scope::kAccount, account, limit, Quantity::of(1'000'000'000).raw(), false,
                                     1);
      }
    });
  }
  EXPECT_NE(wrong.find("max_open_orders"), std::string::npos) << wrong;
}

// What `fault` does once, behind the back of the model, after the n-th report of some day; what the days then end in.
std::string found_after(int report, const std::function<void(gateway::testing::Gateway&)>& fault) {
  std::string wrong;
  for (std::uint64_t seed = 1; seed <= 20 && wrong.empty(); ++seed) {
    wrong = first_difference(seed, [&](gateway::testing::Gateway& gateway, int reports) {
      if (reports == report) fault(gateway);
    });
  }
  return wrong;
}

TEST(ExactModel, FindsAGroupsLimitThatIsNotThere) {
  const std::string wrong = found_after(50, [](gateway::testing::Gateway& gateway) {
    for (std::uint32_t group = 0; group < 2; ++group) {
      for (const config::Limit limit :
           {config::Limit::kMaxOrderNotional, config::Limit::kMaxLongPosition, config::Limit::kMaxGrossOpenNotional}) {
        engine_of(gateway).set_limit(order::Scope::kGroup, group, static_cast<std::uint16_t>(limit),
                                     1'000'000'000'000'000, false, 1);
      }
    }
  });
  EXPECT_NE(wrong.find("the model says"), std::string::npos) << wrong;
}

TEST(ExactModel, FindsATradersStateThatWasLifted) {
  const std::string wrong = found_after(100, [](gateway::testing::Gateway& gateway) {
    const std::size_t traders = gateway.state().traders.size();
    for (std::uint32_t trader = 0; trader < traders; ++trader) {
      const bool active = gateway.state().risk.own_state(order::Scope::kTrader, trader) == order::ScopeState::kActive;
      engine_of(gateway).set_scope_state(order::Scope::kTrader, trader,
                                         active ? order::ScopeState::kReduceOnly : order::ScopeState::kActive);
    }
  });
  EXPECT_NE(wrong.find("its state is"), std::string::npos) << wrong;
}

TEST(ExactModel, FindsAQuoteThatNobodyTold) {
  const std::string wrong = found_after(150, [](gateway::testing::Gateway& gateway) {
    engine_of(gateway).set_quote(order::InstrumentId(0), *Price::parse("1.05"), *Price::parse("1.0501"), gateway.now(),
                                 false);
  });
  EXPECT_NE(wrong, "");
}

TEST(ExactModel, FindsARepeatedExecutionThatWasArmedAgainByNobody) {
  std::string wrong;
  for (std::uint64_t seed = 1; seed <= 60 && wrong.empty(); ++seed) {
    wrong = first_difference(seed, [&](gateway::testing::Gateway& gateway, int) {
      for (const risk::Latch& latch : gateway.state().risk.state().latches.all()) {
        if (latch.key.control == order::Control::kC3) return engine_of(gateway).rearm(latch.key);
      }
    });
  }
  EXPECT_NE(wrong, "") << "the control was armed again, and the model did not see it";
}

TEST(ExactModel, FindsALargeOrderThatNobodyWasToldOf) {
  std::string wrong;
  for (std::uint64_t seed = 1; seed <= 40 && wrong.empty(); ++seed) {
    wrong = first_difference(seed, [&](gateway::testing::Gateway& gateway, int) {
      engine_of(gateway).set_level(order::Scope::kFirm, 0,
                                   risk::LevelReached{config::Limit::kMaxOrderNotional, 1, config::Response::kWarn, 0,
                                                      risk::LevelReached::kNoCell, gateway.now()});
    });
  }
  EXPECT_NE(wrong.find("an order was told of beside"), std::string::npos) << wrong;
}

TEST(ExactModel, FindsADayThatForgetsItsVolume) {
  const std::string wrong = found_after(
      120, [](gateway::testing::Gateway& gateway) { engine_of(gateway).start_day(gateway.state().trade_date); });
  EXPECT_NE(wrong.find("the model says"), std::string::npos) << wrong;
}

}  // namespace
}  // namespace portcullis::scenarios::exact
