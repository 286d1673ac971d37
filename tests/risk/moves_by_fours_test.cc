#include "risk/moves_by_fours.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "risk/settles.h"
#include "tests/risk/desk.h"

// What moves by fours is what moves by itself, to the last bit, in every scope: of small sums and of such as end the
// range, at rates of any size, whether or not the marks are of the rates of now.

namespace portcullis::risk {
namespace {

constexpr std::size_t kScopes = 5;
constexpr Places kAll = (Places{1} << kScopes) - 1;
constexpr order::CurrencyId kRisk(0);
constexpr order::CurrencyId kBase(1);
constexpr order::CurrencyId kTerm(2);
constexpr order::InstrumentId kPair(3);

// The same scopes twice.
struct Twins {
  Twins() {
    market.set_risk_currency(kRisk);
    for (std::size_t at = 0; at < kScopes; ++at) {
      scopes.nodes.add(&node);
      for (Exposure* exposure : {&by_fours[at], &one_by_one[at]}) {
        exposure->cell(kPair);
        for (const order::CurrencyId currency : {kTerm, kBase, kRisk}) exposure->cell(currency);
      }
    }
  }

  Cells cells_of(Exposure& exposure, const Movement& what) {
    return Cells{&exposure.cell(what.instrument), &exposure.cell(what.base), &exposure.cell(what.term)};
  }
  // The places that were left to Exposure::move().
  Places move(const Movement& what, const Moves& moves) {
    const PairRates rates(market, what);
    for (std::size_t at = 0; at < kScopes; ++at) {
      one_by_one[at].move(what, cells_of(one_by_one[at], what), moves, rates, market, true);
      const Cells cells = cells_of(by_fours[at], what);
      scopes.sums[at] = &by_fours[at];
      scopes.instrument[at] = cells.instrument;
      scopes.base[at] = cells.base;
      scopes.term[at] = cells.term;
    }
    const Places left = MovesByFours(moves, what.buys_base, rates).move(scopes, market.rates_version());
    for_places(left, [&](std::size_t at) {
      by_fours[at].move(what, cells_of(by_fours[at], what), moves, rates, market, true);
      return true;
    });
    return left;
  }
  void expect_same() const {
    for (std::size_t at = 0; at < kScopes; ++at) {
      const Exposure& a = by_fours[at];
      const Exposure& b = one_by_one[at];
      EXPECT_EQ(a.open_orders(), b.open_orders());
      EXPECT_EQ(a.gross_open_notional(), b.gross_open_notional());
      EXPECT_EQ(a.traded_notional(), b.traded_notional());
      EXPECT_EQ(a.held().daily_volume, b.held().daily_volume);
      EXPECT_EQ(a.held().net_open, b.held().net_open);
      EXPECT_EQ(a.marked_at(), b.marked_at());
      EXPECT_TRUE(a.net_open(market).long_sum == b.net_open(market).long_sum);
      EXPECT_TRUE(a.net_open(market).short_sum == b.net_open(market).short_sum);
      EXPECT_EQ(a.of(kPair), b.of(kPair));
      EXPECT_EQ(a.of(kPair).worst_long, b.of(kPair).worst_long);
      EXPECT_EQ(a.of(kPair).worst_short, b.of(kPair).worst_short);
      EXPECT_EQ(a.of(kPair).daily, b.of(kPair).daily);
      for (const order::CurrencyId currency : {kRisk, kBase, kTerm}) {
        EXPECT_EQ(a.of(currency), b.of(currency));
        EXPECT_EQ(a.of(currency).long_worth, b.of(currency).long_worth);
        EXPECT_EQ(a.of(currency).short_worth, b.of(currency).short_worth);
        EXPECT_EQ(a.of(currency).long_rest, b.of(currency).long_rest);
        EXPECT_EQ(a.of(currency).short_rest, b.of(currency).short_rest);
      }
      EXPECT_TRUE(a.marks_are_true(market));
      EXPECT_TRUE(b.marks_are_true(market));
    }
  }

  Market market;
  Node node;
  Scopes scopes;
  std::array<Exposure, kScopes> by_fours;
  std::array<Exposure, kScopes> one_by_one;
};

std::int64_t any_value(std::mt19937_64& random) {
  const auto below = [&random](std::int64_t end) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(end));
  };
  const std::int64_t sign = random() % 2 == 0 ? 1 : -1;
  switch (random() % 16) {
    case 0:
      return 0;
    case 1:
      return sign * (std::int64_t{1} << (56 + below(5)));
    case 2:
      return sign * ((std::int64_t{1} << (56 + below(5))) - 1 - below(3));
    case 3:
      return sign * (std::numeric_limits<std::int64_t>::max() / 2 - below(1'000));
    default:
      return sign * below(std::int64_t{1} << (1 + below(40)));
  }
}

Rate any_rate(std::mt19937_64& random) {
  switch (random() % 8) {
    case 0:
      return Rate();
    case 1:
      return Rate::from_raw(1);
    case 2:
      return Rate::from_raw(std::numeric_limits<std::int64_t>::max());
    case 3:
      return Rate::of(1);
    default:
      return Rate::from_raw(static_cast<std::int64_t>(random() % 1'500'000'000'000));
  }
}

Moves any_moves(std::mt19937_64& random) {
  Moves moves{ReservedChange(order::Need(), order::Need()), order::Booking(), 0};
  moves.opened = static_cast<std::int64_t>(random() % 3) - 1;
  if (random() % 4 != 0) {
    moves.reserved.base = Quantity::from_raw(any_value(random));
    moves.reserved.base_amount = Amount::from_raw(any_value(random));
    moves.reserved.term = Amount::from_raw(any_value(random));
    moves.reserved.notional = Amount::from_raw(any_value(random));
  }
  if (random() % 4 != 0) {
    moves.booked.base = Quantity::from_raw(any_value(random));
    moves.booked.base_amount = Amount::from_raw(any_value(random));
    moves.booked.term = Amount::from_raw(any_value(random));
    moves.booked.traded = Amount::from_raw(any_value(random));
    moves.booked.volume = Quantity::from_raw(any_value(random));
  }
  return moves;
}

Moves reversed(const Moves& moves) {
  Moves back = moves;
  back.reserved.base = -moves.reserved.base;
  back.reserved.base_amount = -moves.reserved.base_amount;
  back.reserved.term = -moves.reserved.term;
  back.reserved.notional = -moves.reserved.notional;
  back.booked = order::Booking{-moves.booked.base, -moves.booked.base_amount, -moves.booked.term, -moves.booked.traded,
                               -moves.booked.volume};
  back.opened = -moves.opened;
  return back;
}

TEST(MovesByFours, AreWhatEachScopeMovesByItself) {
  std::size_t left = 0;
  constexpr int kRounds = 200;
  constexpr int kSteps = 40;
  for (int round = 0; round < kRounds; ++round) {
    std::mt19937_64 random(static_cast<std::uint64_t>(round));
    Twins twins;
    for (int step = 0; step < kSteps; ++step) {
      if (step == 0 || random() % 8 == 0) {
        twins.market.set_rate(random() % 2 == 0 ? kBase : kTerm, any_rate(random), kNoon);
      }
      Movement what{kPair, kBase, kTerm, random() % 2 == 0, 0, 0};
      if (random() % 3 == 0) what.base = kRisk;
      const Moves moves = any_moves(random);
      left += static_cast<std::size_t>(std::popcount(twins.move(what, moves)));
      twins.expect_same();
      if (random() % 2 == 0) {
        left += static_cast<std::size_t>(std::popcount(twins.move(what, reversed(moves))));
        twins.expect_same();
      }
      if (testing::Test::HasFailure()) FAIL() << "round " << round << ", step " << step;
    }
  }
  EXPECT_GT(left, 0u);
}

// What is left of what can be moved by fours.
Places none_left() {
  return MovesByFours::are_possible() ? 0 : kAll;
}

// An order of ordinary size, its fill and the end of what was open of it.
struct Ordinary {
  Ordinary() {
    twins.market.set_rate(kBase, *Rate::parse("1.10013"), kNoon);
    twins.market.set_rate(kTerm, *Rate::parse("0.0067"), kNoon);
    moves.opened = 1;
    moves.reserved.base = Quantity::of(10'001);
    moves.reserved.base_amount = *Amount::parse("10001");
    moves.reserved.term = *Amount::parse("1642164.33");
    moves.reserved.notional = *Amount::parse("11002.41");
    twins.move(buy, Moves{ReservedChange(order::Need(), order::Need()), order::Booking(), 0});  // makes the marks
  }

  Twins twins;
  Movement buy{kPair, kBase, kTerm, true, 0, 0};
  Moves moves{ReservedChange(order::Need(), order::Need()), order::Booking(), 0};
};

TEST(MovesByFours, LeaveNothingOfAnOrdinaryOrder) {
  Ordinary ordinary;
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, ordinary.moves), none_left());
  Moves fill = reversed(ordinary.moves);
  fill.booked.base = ordinary.moves.reserved.base;
  fill.booked.base_amount = ordinary.moves.reserved.base_amount;
  fill.booked.term = -ordinary.moves.reserved.term;
  fill.booked.traded = *Amount::parse("11001.88");
  fill.booked.volume = ordinary.moves.reserved.base;
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, fill), none_left());
  ordinary.twins.expect_same();
  // More is taken back of a day than was traded in it: then the volume is zero, and no sum of what has changed.
  Moves bust{ReservedChange(order::Need(), order::Need()), order::Booking(), 0};
  bust.booked.volume = -fill.booked.volume - Quantity::of(1);
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, bust), kAll);
  ordinary.twins.expect_same();
  // And what is traded next begins below zero.
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, fill), kAll);
  ordinary.twins.expect_same();
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, fill), none_left());
  ordinary.twins.expect_same();
}

TEST(MovesByFours, LeaveScopesWhoseMarksAreOfOlderRates) {
  Ordinary ordinary;
  ordinary.twins.market.set_rate(kBase, *Rate::parse("1.2"), kNoon);
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, ordinary.moves), kAll);
  ordinary.twins.expect_same();
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, ordinary.moves), none_left());
  ordinary.twins.expect_same();
}

TEST(MovesByFours, LeaveSumsNearTheEndsOfTheRangeAndTakeThemAgainWhenTheyAreBack) {
  Ordinary ordinary;
  Moves step{ReservedChange(order::Need(), order::Need()), order::Booking(), 0};
  step.booked.base = Quantity::from_raw((std::int64_t{1} << 58) - 1);
  const Moves back = reversed(step);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ordinary.twins.move(ordinary.buy, step), none_left()) << i;
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, step), kAll);
  ordinary.twins.expect_same();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(ordinary.twins.move(ordinary.buy, step), kAll) << i;
  ordinary.twins.expect_same();
  EXPECT_EQ(ordinary.twins.by_fours[0].of(kPair).position.raw(), std::numeric_limits<std::int64_t>::max());
  for (int i = 0; i < 28; ++i) EXPECT_EQ(ordinary.twins.move(ordinary.buy, back), kAll) << i;
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, back), none_left());
  ordinary.twins.expect_same();
  // A change that is as large as that is never small.
  step.booked.base = Quantity::from_raw(std::int64_t{1} << 58);
  EXPECT_EQ(ordinary.twins.move(ordinary.buy, step), kAll);
  ordinary.twins.expect_same();
}

// Two currencies, each worth all that fits: what both are worth together does not, and is known again once one has
// left.
TEST(MovesByFours, TheNetOpenPositionIsExactWhateverItsSize) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Twins twins;
  twins.market.set_rate(kBase, Rate::of(1), kNoon);
  twins.market.set_rate(kTerm, Rate::of(1), kNoon);
  const Movement buy{kPair, kBase, kTerm, true, 0, 0};
  Moves moves{ReservedChange(order::Need(), order::Need()), order::Booking(), 0};
  moves.booked.base_amount = moves.booked.term = Amount::from_raw(kMost);
  twins.move(buy, moves);
  twins.expect_same();
  EXPECT_EQ(twins.by_fours[0].held().net_open, kMost);
  EXPECT_TRUE(twins.by_fours[0].net_open(twins.market).long_sum == Wide{kMost} * 2);
  moves.booked.base_amount = Amount();
  moves.booked.term = -moves.booked.term + Amount::from_raw(17);
  twins.move(buy, moves);
  twins.expect_same();
  EXPECT_EQ(twins.by_fours[0].held().net_open, kMost);
  EXPECT_TRUE(twins.by_fours[0].net_open(twins.market).long_sum == Wide{kMost} + 17);
  moves.booked.base_amount = moves.booked.term = Amount::from_raw(-kMost);
  moves.booked.term = Amount();
  twins.move(buy, moves);
  twins.expect_same();
  EXPECT_EQ(twins.by_fours[0].held().net_open, 17);
  EXPECT_EQ(twins.by_fours[1].held().net_open, 17);
}

// What an order reserves settles by what it is worth, or by itself: the same cell either way, whatever was reserved and
// executed before.
TEST(Settles, ByWorthIsWhatTheCellSettlesByItself) {
  std::mt19937_64 random(5);
  int by_worth = 0;
  int by_itself = 0;
  for (int round = 0; round < 2'000; ++round) {
    const Rate rate = any_rate(random);
    SettlementExposure cell;
    SettlementExposure twin;
    DateSum sum;
    DateSum twin_sum;
    const bool ordinary = round % 2 == 0;
    for (int step = 0; step < 20; ++step) {
      const auto any = [&] {
        return Amount::from_raw(ordinary ? static_cast<std::int64_t>(random() % 2'000'001) - 700'000 : any_value(random));
      };
      if (random() % 4 == 0) {
        const Amount receivable = any();
        const Amount executed = any();
        settle<true>(cell, sum, receivable, executed, rate, true);
        settle<true>(twin, twin_sum, receivable, executed, rate, true);
      } else {
        const Receivable more(any(), rate);
        const bool is_settled = more.is_small && settle_by_worth(cell, sum, more);
        is_settled ? ++by_worth : ++by_itself;
        if (!is_settled) settle<false>(cell, sum, more.amount, Amount(), rate, true);
        settle<false>(twin, twin_sum, more.amount, Amount(), rate, true);
      }
      ASSERT_EQ(cell, twin) << round << ", step " << step;
      ASSERT_EQ(cell.mark, twin.mark) << round << ", step " << step;
      ASSERT_EQ(sum.total, twin_sum.total) << round << ", step " << step;
      ASSERT_TRUE(sum.marks == twin_sum.marks) << round << ", step " << step;
    }
  }
  EXPECT_GT(by_worth, 5'000);
  EXPECT_GT(by_itself, 2'000);
}

TEST(Worth, OfASumIsTheSumOfWorths) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 20'000; ++round) {
    const Rate rate = Rate::from_raw(static_cast<std::int64_t>(random() % 3'000'000'000'000));
    const std::int64_t a = static_cast<std::int64_t>(random() % (1 << 30)) - (1 << 29);
    const std::int64_t b = static_cast<std::int64_t>(random() % (1 << 30)) - (1 << 29);
    const Worth of_a = worth_of(a, rate);
    const Worth of_b = worth_of(b, rate);
    const Worth of_both = worth_of(Wide{a} + b, rate);
    for (const Worth& worth : {of_a, of_b, of_both}) {
      ASSERT_GE(worth.rest, 0);
      ASSERT_LT(worth.rest, Worth::kParts);
    }
    ASSERT_TRUE(Wide{of_a.up} * Worth::kParts - of_a.rest == Wide{a} * rate.raw()) << a;
    ASSERT_TRUE(Wide{of_both.up} * Worth::kParts - of_both.rest == (Wide{a} + b) * rate.raw()) << a << " " << b;
    const std::int64_t carry = of_a.rest + of_b.rest >= Worth::kParts ? 1 : 0;
    ASSERT_EQ(of_a.up + of_b.up - carry, of_both.up);
    ASSERT_EQ(of_a.rest + of_b.rest - carry * Worth::kParts, of_both.rest);
    ASSERT_EQ(mark_of(a, rate).raw(), std::max<std::int64_t>(of_a.up, 0));
  }
}

TEST(Worth, IsHeldAtTheEndsOfTheRange) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const Rate large = Rate::from_raw(kMost);
  EXPECT_EQ(worth_of(kMost, large).up, kMost);
  EXPECT_EQ(worth_of(kMost, large).rest, 0);
  EXPECT_EQ(worth_of(-Wide{kMost}, large).up, -kMost);
  EXPECT_EQ(worth_of(Wide{kMost} * 2, Rate::from_raw(1)).up, kMost);  // as a mark of it is
  EXPECT_EQ(worth_of(1, Rate()).up, 0);
  EXPECT_EQ(worth_of(-1, Rate::from_raw(1)).up, 0);
  EXPECT_EQ(worth_of(-1, Rate::from_raw(1)).rest, 1);
  EXPECT_EQ(worth_of(1, Rate::from_raw(1)).up, 1);
}

}  // namespace
}  // namespace portcullis::risk
