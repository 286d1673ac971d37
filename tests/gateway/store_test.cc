#include "gateway/store.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <map>
#include <string>

#include "tests/session/order_way.h"

// The tables that an order is found by, and what a live one takes.

namespace portcullis::gateway {
namespace {

// Numbers that look like hashes (splitmix64).
std::uint64_t hash_of(std::uint64_t i) {
  std::uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

TEST(HashIndex, FindsWhatWasInsertedWhileItGrows) {
  HashIndex index;
  constexpr std::uint64_t kCount = 50'000;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    index.insert(hash_of(i), i);
    // The newest, and one that may be on its way from one table to the next.
    for (const std::uint64_t sought : {i, hash_of(i) % (i + 1)}) {
      ASSERT_EQ(index.find(hash_of(sought), [sought](std::uint64_t value) { return value == sought; }), sought);
    }
    ASSERT_EQ(index.find(hash_of(kCount + i), [](std::uint64_t) { return true; }), HashIndex::kNone);
  }
  EXPECT_EQ(index.size(), kCount);
  index.clear();
  EXPECT_EQ(index.find(hash_of(1), [](std::uint64_t) { return true; }), HashIndex::kNone);
}

TEST(HashIndex, GrowsNoMoreWhereRoomWasMade) {
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{1'000}, std::uint64_t{300'000}}) {
    HashIndex index;
    index.reserve(count);
    const std::size_t bytes = index.bytes();
    for (std::uint64_t i = 0; i < count; ++i) index.insert(hash_of(i), i);
    if (count > 100'000) {
      EXPECT_EQ(index.bytes(), bytes);
    }
    for (std::uint64_t i = 0; i < count; i += 97) {
      ASSERT_EQ(index.find(hash_of(i), [i](std::uint64_t value) { return value == i; }), i);
    }
    // It grows out of that room, shard by shard, and nothing is lost; and room can be made in it again.
    for (std::uint64_t i = count; i < 4 * count; ++i) index.insert(hash_of(i), i);
    EXPECT_EQ(index.size(), 4 * count);
    for (std::uint64_t i = 0; i < 4 * count; ++i) {
      ASSERT_EQ(index.find(hash_of(i), [i](std::uint64_t value) { return value == i; }), i);
    }
    index.clear();
    index.reserve(2 * count);
    index.insert(hash_of(1), 1);
    EXPECT_EQ(index.find(hash_of(1), [](std::uint64_t) { return true; }), 1u);
    EXPECT_EQ(index.find(hash_of(count), [](std::uint64_t) { return true; }), HashIndex::kNone);
  }
}

TEST(HashIndex, KeepsItsRoomWhenItForgetsAll) {
  HashIndex index;
  index.reserve(300'000);
  const std::size_t made = index.bytes();
  index.clear();
  EXPECT_EQ(index.bytes(), made);
  index.insert(hash_of(1), 1);
  index.clear();
  EXPECT_EQ(index.bytes(), made);
  EXPECT_EQ(index.find(hash_of(1), [](std::uint64_t) { return true; }), HashIndex::kNone);

  // More than there was room for: the next day has room for as many.
  for (std::uint64_t i = 0; i < 700'000; ++i) index.insert(hash_of(i), i);
  index.clear();
  const std::size_t left = index.bytes();
  EXPECT_GT(left, 2 * made);
  for (std::uint64_t i = 0; i < 700'000; ++i) index.insert(hash_of(i), i);
  EXPECT_EQ(index.bytes(), left);

  // The same room again after a day that was much like it; and nothing of that day is left in it.
  index.clear();
  EXPECT_EQ(index.bytes(), left);
  for (std::uint64_t i = 0; i < 700'000; ++i) {
    ASSERT_EQ(index.find(hash_of(i), [](std::uint64_t) { return true; }), HashIndex::kNone);
  }

  // In the middle of growing, too.
  index.reserve(300'000);
  for (std::uint64_t i = 0; i < 380'000; ++i) index.insert(hash_of(i), i);
  index.clear();
  EXPECT_EQ(index.size(), 0u);
  for (std::uint64_t i = 0; i < 380'000; ++i) {
    ASSERT_EQ(index.find(hash_of(i), [](std::uint64_t) { return true; }), HashIndex::kNone);
  }
}

// A start makes room for what all days of a journal hold; a day needs a day's.
TEST(HashIndex, GivesBackRoomThatADayDidNotNeed) {
  HashIndex index;
  index.reserve(4'000'000);
  const std::size_t made = index.bytes();
  index.clear();
  EXPECT_EQ(index.bytes(), made) << "the first day has not begun";
  for (std::uint64_t i = 0; i < 1'000; ++i) index.insert(hash_of(i), i);
  index.clear();
  EXPECT_LT(index.bytes(), made / 8);
  HashIndex least;
  least.reserve(HashIndex::kLeastRoom);
  EXPECT_EQ(index.bytes(), least.bytes());
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    ASSERT_EQ(index.find(hash_of(i), [](std::uint64_t) { return true; }), HashIndex::kNone);
  }
}

TEST(HashIndex, HoldsAllThatWaitedToBeInserted) {
  for (const std::uint64_t count : {0, 1, 15, 16, 17, 5'000}) {
    HashIndex index;
    {
      InsertAhead ahead(index);
      for (std::uint64_t i = 0; i < count; ++i) ahead.add(hash_of(i), i);
    }
    ASSERT_EQ(index.size(), count);
    for (std::uint64_t i = 0; i < count; ++i) {
      ASSERT_EQ(index.find(hash_of(i), [i](std::uint64_t value) { return value == i; }), i);
    }
  }
}

TEST(HashIndex, TellsEntriesOfOneHashApart) {
  HashIndex index;
  for (std::uint64_t i = 0; i < 100; ++i) index.insert(0, i);
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(index.find(0, [i](std::uint64_t value) { return value == i; }), i);
  }
}

// The first of an id stays, whatever the state of its table.
TEST(HashIndex, InsertsWhatItDoesNotFind) {
  HashIndex index;
  std::map<std::uint64_t, std::uint64_t> model;  // id to value
  for (std::uint64_t step = 0; step < 100'000; ++step) {
    const std::uint64_t id = hash_of(step) % 60'000;
    // Eight ids have one hash, and are told apart.
    const auto is_it = [&](std::uint64_t value) { return hash_of(value) % 60'000 == id; };
    const std::uint64_t found = index.find_or_insert(hash_of(id / 8), step, is_it);
    const auto known = model.find(id);
    ASSERT_EQ(found, known == model.end() ? HashIndex::kNone : known->second) << step;
    model.emplace(id, step);
    ASSERT_EQ(index.size(), model.size());
    ASSERT_EQ(index.find(hash_of(id / 8), is_it), model.at(id));
  }
}

// Whatever is taken out, in whatever state of handing over: the rest is found, and room is used again.
TEST(HashIndex, FindsTheRestWhenSomeAreTakenOut) {
  HashIndex index;
  std::map<std::uint64_t, std::uint64_t> model;  // hash to value
  std::uint64_t state = 1;
  const auto random = [&state] { return hash_of(state++); };
  for (std::uint64_t step = 0; step < 200'000; ++step) {
    // Few hashes of few shards, at both ends of their tables, so that runs are long and wrap around.
    const std::uint64_t any = hash_of(random() % 4'000);
    const std::uint64_t hash = (any & 0x01000000'000fffffu) | ((any >> 40 & 1) != 0 ? 0xfff00000u : 0u);
    const auto known = model.find(hash);
    if (known == model.end()) {
      index.insert(hash, step);
      model[hash] = step;
    } else {
      ASSERT_FALSE(index.erase(hash, step)) << "no such value";
      ASSERT_TRUE(index.erase(hash, known->second));
      ASSERT_FALSE(index.erase(hash, known->second));
      model.erase(known);
    }
    if (step % 1'000 != 0) continue;
    ASSERT_EQ(index.size(), model.size());
    for (const auto& [each, value] : model) {
      ASSERT_EQ(index.find(each, [v = value](std::uint64_t found) { return found == v; }), value);
    }
  }
  for (const auto& [each, value] : model) ASSERT_TRUE(index.erase(each, value));
  EXPECT_EQ(index.size(), 0u);
}

TEST(HashIndex, DoesNotGrowWhereAsManyGoAsCome) {
  HashIndex index;
  constexpr std::uint64_t kKept = 20'000;
  std::size_t most = 0;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    index.insert(hash_of(i), i);
    if (i >= kKept) {
      ASSERT_TRUE(index.erase(hash_of(i - kKept), i - kKept));
    }
    if (i == 4 * kKept) most = index.bytes();
  }
  EXPECT_LE(index.bytes(), most * 2);  // a shard's share is a matter of chance
  EXPECT_EQ(index.size(), kKept);
}

// An insertion that made a table of a million anew would stop trading for as long as that takes.
TEST(HashIndex, NoInsertionDoesTheWorkOfAWholeTable) {
  HashIndex index;
  std::size_t worst = 0;
  for (std::uint64_t i = 0; i < 1'000'000; ++i) worst = std::max(worst, index.insert(hash_of(i), i));
  EXPECT_LT(worst, 500u);
}

TEST(Memory, ALiveOrderTakesNoMoreThanAKibibyte) {
  config::Config configuration = testing::small_configuration();
  configuration.clients.front().throttle = {1'000'000, 1'000'000, config::ThrottleAction::kReject};
  configuration.brokers.front().throttle = {1'000'000, 1'000'000, 0};
  config::LimitSet& firm = configuration.risk.firm;
  firm.duplicate_orders = config::DuplicateOrders{1'000'000, Duration::seconds(1)};
  firm.max_open_orders = 1'000'000;
  firm.max_long_position = Quantity::of(1'000'000'000'000);
  for (auto* amount : {&firm.max_gross_open_notional, &firm.max_currency_position, &firm.max_net_open_position,
                       &firm.max_daily_settlement, &firm.max_daily_volume}) {
    *amount = Amount::of(1'000'000'000'000);
  }
  testing::Gateway gateway(configuration);
  testing::Line client(gateway, gateway.core().client_session("alpha"));
  testing::Line broker(gateway, gateway.core().broker_session("northbank"));
  std::uint64_t client_seq = client.first();
  std::uint64_t broker_seq = broker.first();
  // The heap, and the stores' own pages.
  const auto allocated = [&state = gateway.state()] {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd + state.orders.bytes() + state.requests.bytes() + state.executions.bytes();
  };
  constexpr std::uint64_t kOrders = 100'000;
  std::size_t before = 0;
  for (std::uint64_t i = 0; i < kOrders + 1; ++i) {
    if (i == 1) before = allocated();  // what is taken once stands
    const std::string number = std::to_string(i);
    const auto routed = client.take(
        client.frame("35=D|11=ORDER-" + number + "|1=ALPHA-1|55=EUR/USD|54=1|38=" + std::to_string(1'000 + i % 9'000) +
                     "|40=2|44=1.1010|59=0|60=20261123-12:00:00.000|"),
        client_seq++);
    std::string given;
    RecordView::parse(routed)->for_each_outbound([&](const OutboundView& message) {
      const testing::Sent sent = testing::parse("northbank", message.bytes);
      if (sent.type() == "D") given = sent[11];
    });
    broker.take(broker.frame("35=8|37=NB-" + number + "|11=" + given + "|17=E-" + number +
                             "|150=0|39=0|55=EUR/USD|54=1|38=1000|14=0|151=1000|6=0|"),
                broker_seq++);
  }
  ASSERT_EQ(gateway.state().open_orders.size(), kOrders + 1);
  const std::size_t bytes = (allocated() - before) / kOrders;
  RecordProperty("bytes_a_live_order", std::to_string(bytes));
  EXPECT_LE(bytes, 1'024u);
}

}  // namespace
}  // namespace portcullis::gateway
