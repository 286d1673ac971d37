#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <map>
#include <random>

#include "risk/archive.h"
#include "tests/risk/count_allocations.h"
#include "tests/risk/desk.h"

// Controls that look back: C2 over a time, C3 since it was armed.

namespace portcullis::risk {
namespace {

using order::Control;
using order::RejectCode;
using order::Scope;

config::Config with_duplicates(std::uint32_t count, Duration window) {
  config::Config config = example_config();
  config.clients[0].throttle = {100'000, 100'000, config::ThrottleAction::kReject};
  config.risk.accounts[0].limits.duplicate_orders = config::DuplicateOrders{count, window};
  return config;
}

NewOrder at(NewOrder order, Duration later) {
  order.now = order.now + later;
  return order;
}

// --- C2 ---

TEST(Windows, C2TakesSoManyAlikeAndNoMore) {
  Desk desk(with_duplicates(3, Duration::seconds(1)));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(desk.send(at(desk.buy(qty("1000")), Duration::milliseconds(i))).open);
  EXPECT_FALSE(desk.send(at(desk.buy(qty("1000")), Duration::milliseconds(3))).open);
  EXPECT_EQ(desk.reject.code, RejectCode::kDuplicateOrder);
  EXPECT_EQ(desk.reject.control, Control::kC2);
  EXPECT_EQ(desk.reject.text.view(), "RISK-28 C2: too many orders alike in a short time: the account's limit 3 in 1 s");
}

TEST(Windows, C2SlidesAndLeavesOutWhatIsExactlyAsOldAsTheWindow) {
  Desk desk(with_duplicates(2, Duration::seconds(1)));
  EXPECT_TRUE(desk.send(desk.buy(qty("1000"))).open);
  EXPECT_TRUE(desk.send(at(desk.buy(qty("1000")), Duration::milliseconds(600))).open);
  const Duration just_before = Duration::nanoseconds(999'999'999);
  EXPECT_TRUE(desk.judge(at(desk.buy(qty("1000")), just_before)));
  EXPECT_TRUE(desk.send(at(desk.buy(qty("1000")), Duration::seconds(1))).open);
  EXPECT_TRUE(desk.judge(at(desk.buy(qty("1000")), Duration::milliseconds(1599))));
  EXPECT_FALSE(desk.judge(at(desk.buy(qty("1000")), Duration::milliseconds(1600))));
}

TEST(Windows, C2AnotherQuantityPriceSideInstrumentOrAccountIsAnotherOrder) {
  Desk desk(with_duplicates(1, Duration::seconds(10)));
  EXPECT_TRUE(desk.send(desk.buy(qty("1000"))).open);
  EXPECT_TRUE(desk.judge(desk.buy(qty("1000"))));
  EXPECT_FALSE(desk.judge(desk.buy(qty("1001"))));
  EXPECT_FALSE(desk.judge(desk.buy(qty("1000"), "1.1009")));
  EXPECT_FALSE(desk.judge(desk.sell(qty("1000"), "1.1010")));
  EXPECT_FALSE(
      desk.judge(desk.ask(order::Side::kBuy, limit_terms(qty("1000"), "1.2500"), order::Dealt::kBase, kGbpUsd)));
  NewOrder other = desk.buy(qty("1000"));
  other.account = kAlpha2;
  EXPECT_FALSE(desk.judge(other));
}

TEST(Windows, C2ARefusedOrderDoesNotCountAndAReplaceIsNoNewOrder) {
  Desk desk(with_duplicates(1, Duration::seconds(10)));
  EXPECT_FALSE(desk.send(desk.buy(millions("11"))).open);
  BookedOrder order = desk.send(desk.buy(millions("5")));
  ASSERT_TRUE(order.open);
  EXPECT_TRUE(desk.replace(order, limit_terms(millions("6"), "1.1010")));
  EXPECT_TRUE(desk.replace(order, limit_terms(millions("5"), "1.1010")));
}

TEST(Windows, C2TheTightestWordOfAccountClientAndFirmCounts) {
  config::Config config = with_duplicates(5, Duration::seconds(1));
  config.risk.firm.duplicate_orders = config::DuplicateOrders{2, Duration::seconds(60)};
  Desk desk(config);
  EXPECT_TRUE(desk.send(desk.buy(qty("1000"))).open);
  EXPECT_TRUE(desk.send(at(desk.buy(qty("1000")), Duration::seconds(30))).open);
  const order::Reject reject = desk.judge(at(desk.buy(qty("1000")), Duration::seconds(59)));
  EXPECT_EQ(reject.text.view(), "RISK-28 C2: too many orders alike in a short time: a limit of the firm");
}

TEST(Windows, C2ShowsWhatIsUsed) {
  Desk desk(with_duplicates(3, Duration::seconds(1)));
  const auto used = [&](const Node& node, Duration later) {
    return *desk.engine.used(node, Limit::kDuplicateOrders, kNoon + later);
  };
  EXPECT_EQ(used(desk.engine.state().accounts[0], Duration()), 0);
  desk.send(desk.buy(qty("1000")));
  desk.send(desk.buy(qty("1000")));
  EXPECT_EQ(used(desk.engine.state().accounts[0], Duration()), 2);
  EXPECT_EQ(used(desk.engine.state().clients[0], Duration()), 2);
  EXPECT_EQ(used(desk.engine.state().clients[1], Duration()), 0);
  EXPECT_EQ(used(desk.engine.state().firm, Duration()), 2);
  EXPECT_EQ(used(desk.engine.state().accounts[0], Duration::seconds(1)), 0);
}

TEST(Windows, C2AllocatesNothingOnceTheFirstOrderHasCome) {
  Desk desk(with_duplicates(1'000'000, Duration::seconds(3600)));
  desk.send(desk.buy(qty("1000")));
  start_counting_allocations();
  CheckLog log;
  for (int i = 0; i < 1000; ++i) {
    const NewOrder order = at(desk.buy(Quantity::of(1000 + i % 7)), Duration::milliseconds(i));
    log.clear();
    ASSERT_TRUE(desk.engine.evaluate_new(order, log).accepted());
    desk.engine.remember_order(order.account, order.trader, order.instrument, order.side, order.dealt, order.terms, order.now);
  }
  EXPECT_EQ(stop_counting_allocations(), 0);
}

std::int64_t alike(const OrderMemory& memory, const Likeness& order, UtcTime now, Duration window) {
  return memory.count(memory.newest(order), now, window);
}

void save(const OrderMemory& memory, std::vector<std::byte>& out) {
  ByteSink sink(out);
  SaveArchive archive(sink);
  memory.archive_to(archive);
  sink.flush();
}

TEST(OrderMemory, ForgetsTheOldestWhenItIsFull) {
  OrderMemory memory;
  Likeness first;
  first.quantity = Quantity::of(1);
  memory.remember(first, kNoon);
  Likeness other = first;
  std::int64_t others = 0;
  for (std::uint64_t i = 1; i < OrderMemory::kCapacity; ++i) {
    other.quantity = Quantity::of(static_cast<std::int64_t>(2 + i % 100));
    others += i % 100 == 99;
    memory.remember(other, kNoon);
  }
  EXPECT_EQ(alike(memory, first, kNoon, Duration::seconds(1)), 1);
  other.quantity = Quantity::of(101);
  EXPECT_EQ(alike(memory, other, kNoon, Duration::seconds(1)), others);
  memory.remember(other, kNoon);
  EXPECT_EQ(alike(memory, first, kNoon, Duration::seconds(1)), 0);
  EXPECT_EQ(memory.newest(first), OrderMemory::kNone);
  EXPECT_EQ(alike(memory, other, kNoon, Duration::seconds(1)), others + 1);
}

// Against a list that is walked whole: orders alike by few and by many, times that stand still, jump and go back,
// beyond what fits, and through a snapshot.
TEST(OrderMemory, CountsWhatAWalkOverAllOfThemCounts) {
  struct Known {
    Likeness order;
    UtcTime time;
  };
  std::mt19937_64 random(7);
  OrderMemory memory;
  std::deque<Known> all;
  std::map<std::int64_t, UtcTime> newest;  // by quantity
  UtcTime now = kNoon;
  std::uint64_t asked = 0;
  for (std::uint64_t i = 0; i < OrderMemory::kCapacity + 60'000; ++i) {
    Likeness order;
    order.who = 7;
    // One in four is like very many, the others are like a few dozens.
    order.quantity = Quantity::of(random() % 4 == 0 ? 1 : static_cast<std::int64_t>(2 + random() % 10'000));
    if (random() % 3 == 0) now = now + Duration::nanoseconds(static_cast<std::int64_t>(random() % 2'000'000) - 200'000);
    memory.remember(order, now);
    UtcTime& last = newest[order.quantity.raw()];
    last = std::max(last, now);
    all.push_back({order, last});
    if (all.size() > OrderMemory::kCapacity) all.pop_front();
    if (random() % 8'000 != 0) continue;
    for (const Duration window : {Duration::milliseconds(1), Duration::seconds(1), Duration::seconds(60)}) {
      std::int64_t expected = 0;
      for (const Known& known : all) expected += known.order == order && now - known.time < window;
      EXPECT_EQ(alike(memory, order, now, window), expected) << "order " << i;
      ++asked;
    }
    if (random() % 8 != 0) continue;
    std::vector<std::byte> bytes;
    save(memory, bytes);
    LoadArchive load{std::span<const std::byte>(bytes)};
    memory.archive_from(load);
    ASSERT_TRUE(load.ok());
  }
  EXPECT_GT(asked, 60u);
}

// Asked of each order, as C2 does, so that each question goes on from where the last one ended: several windows, times that
// stand still, go back, and jump so that none, few or many become too old at once, with the oldest being forgotten.
TEST(OrderMemory, AQuestionThatGoesOnFromTheLastCountsTheSame) {
  std::mt19937_64 random(11);
  OrderMemory memory;
  Likeness filler;
  for (std::uint64_t i = 0; i < OrderMemory::kCapacity - 3'000; ++i) memory.remember(filler, kNoon);
  struct Known {
    std::int64_t kind;
    UtcTime time;
    std::uint64_t number;
  };
  std::deque<Known> all;
  std::array<UtcTime, 3> newest;
  newest.fill(kNoon);
  UtcTime now = kNoon + Duration::seconds(4'000);
  std::int64_t most = 0;
  for (std::uint64_t i = 0; i < 8'000; ++i) {
    const auto kind = static_cast<std::int64_t>(random() % 3);
    Likeness order;
    order.who = 7;
    order.quantity = Quantity::of(1 + kind);
    const std::uint64_t dice = random() % 100;
    if (dice < 60) now = now + Duration::nanoseconds(static_cast<std::int64_t>(random() % 100'000));
    if (dice == 60) now = now + Duration::milliseconds(40);
    if (dice == 61) now = now - Duration::milliseconds(2);
    for (const Duration window : {Duration::milliseconds(5), Duration::milliseconds(60), Duration::seconds(600)}) {
      std::int64_t expected = 0;
      for (const Known& known : all) expected += known.kind == kind && now - known.time < window;
      ASSERT_EQ(alike(memory, order, now, window), expected) << "order " << i;
      most = std::max(most, expected);
    }
    UtcTime& last = newest[static_cast<std::size_t>(kind)];
    last = std::max(last, now);
    // Some are accepted without having been asked about, and some are asked about and refused.
    if (random() % 10 == 0) continue;
    for (std::uint64_t times = random() % 20 == 0 ? 2 : 1; times > 0; --times) {
      all.push_back({kind, last, memory.remember(order, now)});
    }
    // Fillers push out what is older, so that the ring forgets orders that a question would begin at.
    for (int k = 0; i > 4'000 && k < 80; ++k) {
      const std::uint64_t place = memory.remember(filler, now);
      while (!all.empty() && place - all.front().number >= OrderMemory::kCapacity) all.pop_front();
    }
  }
  EXPECT_GT(most, 1'000);
}

// A window ends at a nanosecond, whatever is kept of how much older the one before is.
TEST(OrderMemory, AWindowEndsAtItsNanosecond) {
  for (const std::int64_t apart : std::initializer_list<std::int64_t>{0, 1, 999, 1'000, 1'001, 5'000'000'000}) {
    for (const std::int64_t missing : {-1, 0, 1, 1'000}) {
      OrderMemory memory;
      Likeness order;
      order.quantity = Quantity::of(1);
      std::int64_t expected = 0;
      UtcTime now = kNoon;
      const auto age = Duration::nanoseconds(2 * apart - missing);
      for (int i = 0; i < 4; ++i, now = now + Duration::nanoseconds(apart)) memory.remember(order, now);
      now = now - Duration::nanoseconds(apart);
      for (int i = 0; i < 4; ++i) expected += Duration::nanoseconds(i * apart) < age;
      EXPECT_EQ(alike(memory, order, now, age), expected) << apart << " ns apart, " << missing << " ns missing";
      EXPECT_EQ(alike(memory, order, now, age), expected) << "asked again";
    }
  }
  // So far apart that the time between is not kept exactly.
  OrderMemory memory;
  Likeness order;
  memory.remember(order, kNoon);
  memory.remember(order, kNoon + Duration::seconds(4'294));
  memory.remember(order, kNoon + Duration::seconds(14'000));
  EXPECT_EQ(alike(memory, order, kNoon + Duration::seconds(14'000), OrderMemory::kLongestWindow), 1);
  EXPECT_EQ(alike(memory, order, kNoon + Duration::seconds(14'000), Duration::seconds(9'707)), 2);
  EXPECT_EQ(alike(memory, order, kNoon + Duration::seconds(14'000), Duration::seconds(9'706)), 1);
  EXPECT_EQ(alike(memory, order, kNoon + Duration::seconds(14'000), Duration::seconds(14'001)), 3);
}

// A limit of many alike may be asked of a client that sends the same order all day.
TEST(OrderMemory, ManyAlikeAreCountedInFewSteps) {
  OrderMemory memory;
  Likeness order;
  order.quantity = Quantity::of(1);
  for (std::int64_t i = 0; i < 200'000; ++i) memory.remember(order, kNoon + Duration::nanoseconds(i * 1'000));
  const UtcTime now = kNoon + Duration::nanoseconds(199'999'000);
  std::int64_t sum = 0;
  // Walked one by one these would be 10^11 steps.
  for (std::int64_t i = 1; i <= 1'000'000; ++i) sum += alike(memory, order, now, Duration::nanoseconds((i % 200'000) * 1'000 + 1));
  EXPECT_EQ(sum, 5 * (std::int64_t{200'000} * 200'001 / 2));
}

TEST(OrderMemory, ComesBackFromASnapshotWithoutWhatIsTooOldForAnyWindow) {
  OrderMemory memory;
  Likeness order;
  order.quantity = Quantity::of(1);
  memory.remember(order, kNoon);
  const UtcTime later = kNoon + Duration::seconds(4000);
  const std::uint64_t place = memory.remember(order, later);
  std::vector<std::byte> bytes;
  save(memory, bytes);

  OrderMemory loaded;
  LoadArchive load{std::span<const std::byte>(bytes)};
  loaded.archive_from(load);
  ASSERT_TRUE(load.ok());
  EXPECT_EQ(load.left(), 0u);
  EXPECT_EQ(alike(loaded, order, later, OrderMemory::kLongestWindow), 1);
  EXPECT_EQ(loaded.alike_at(place, later, Duration::seconds(1)), 1);
  EXPECT_EQ(loaded.remember(order, later), place + 1);
  memory.remember(order, later);
  std::vector<std::byte> again, of_loaded;
  save(memory, again);
  save(loaded, of_loaded);
  EXPECT_EQ(again, of_loaded);
}

// --- C3 ---

TEST(Windows, C3CountsOrdersWithAnExecutionNotExecutions) {
  config::Config config = example_config();
  config.risk.accounts[0].limits.repeated_executions = 2;
  Desk desk(config);
  BookedOrder first = desk.send(desk.buy(millions("2")));
  for (int i = 0; i < 4; ++i) desk.fill(first, qty("100000"), "1.1005");
  EXPECT_FALSE(desk.judge(desk.buy(millions("1"))));
  BookedOrder second = desk.send(desk.buy(millions("3")));
  desk.fill(second, qty("100000"), "1.1005");
  const order::Reject reject = desk.judge(desk.buy(millions("1")));
  EXPECT_EQ(reject.code, RejectCode::kBreaker);
  EXPECT_EQ(reject.control, Control::kC3);
  EXPECT_FALSE(desk.judge(desk.sell(millions("1")))) << "the other direction is counted for itself";
  EXPECT_EQ(desk.engine.used(desk.engine.state().accounts[0], Limit::kRepeatedExecutions, kNoon), 2);
  EXPECT_TRUE(desk.replace(first, limit_terms(millions("1"), "1.1010"))) << "what only takes away passes";
  EXPECT_FALSE(desk.replace(second, limit_terms(millions("5"), "1.1010")));
}

TEST(Windows, C3ALatchHoldsWhenTheLimitIsRaisedAndOpensWhenItIsRearmed) {
  Desk desk;
  const LatchKey key{Control::kC3, Scope::kSession, 0, kEurUsd, Direction::kBuysBase};
  desk.engine.set_latch(Latch{key, order::ScopeState::kActive, kNoon, 20, 20});
  EXPECT_EQ(desk.judge(desk.buy(millions("1"))).code, RejectCode::kBreaker);
  desk.engine.rearm(key);
  EXPECT_FALSE(desk.judge(desk.buy(millions("1"))));
}

}  // namespace
}  // namespace portcullis::risk
