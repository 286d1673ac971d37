#include <gtest/gtest.h>

#include <string>

#include "tests/risk/desk.h"

namespace portcullis::risk {
namespace {

std::vector<std::byte> saved(const Engine& engine) {
  std::vector<std::byte> bytes;
  engine.save(bytes);
  return bytes;
}

// A state that has something of everything.
void trade(Desk& desk) {
  BookedOrder order = desk.send(desk.buy(millions("5")));
  desk.fill(order, millions("2"), "1.1005");
  desk.send(desk.ask(order::Side::kBuy, limit_terms(millions("1"), "187.50"), order::Dealt::kBase, kGbpJpy));
  desk.set_limit(order::Scope::kClient, 0, Limit::kMaxOpenOrders, 4);
  desk.engine.set_limit(order::Scope::kAccount, 0, static_cast<std::uint16_t>(Limit::kMaxOrderQuantity), 0, true, 2);
  desk.engine.set_scope_state(order::Scope::kSession, 1, order::ScopeState::kBlockNew);
  desk.engine.set_scope_state(order::Scope::kInstrument, 1, order::ScopeState::kReduceOnly);
  desk.engine.take_token(kSession, kNoon);
  desk.engine.take_broker_token(kNorth, kNoon);
  desk.engine.suspend(
      kGbpUsd, kSouth, true,
      desk.engine.booking_of(kGbpUsd, order::Side::kBuy, order::Dealt::kBase, millions("1"), price("1.25")));
}

TEST(RiskSnapshot, LoadedStateIsTheSavedOneAndDecidesAlike) {
  Desk desk;
  trade(desk);
  const std::vector<std::byte> bytes = saved(desk.engine);

  Engine loaded;
  std::span<const std::byte> in(bytes);
  const Status status = loaded.load(in);
  ASSERT_TRUE(status.ok()) << status.error().what;
  EXPECT_TRUE(in.empty());
  loaded.configure(example_config(), example_index);
  EXPECT_EQ(saved(loaded), bytes);
  EXPECT_FALSE(loaded.verify());
  for (const char* quantity : {"1", "9", "11"}) {
    CheckLog log;
    CheckLog log_of_loaded;
    const NewOrder order = desk.buy(millions(quantity));
    const Verdict one = desk.engine.evaluate_new(order, log);
    const Verdict other = loaded.evaluate_new(order, log_of_loaded);
    EXPECT_EQ(one.reject.text, other.reject.text);
    EXPECT_EQ(one.need, other.need);
    ASSERT_EQ(log.results().size(), log_of_loaded.results().size());
    for (std::size_t i = 0; i < log.results().size(); ++i) {
      EXPECT_EQ(log.results()[i].usage, log_of_loaded.results()[i].usage);
      EXPECT_EQ(log.results()[i].limit, log_of_loaded.results()[i].limit);
    }
  }
}

TEST(RiskSnapshot, TakesOnlyItsOwnBytes) {
  Desk desk;
  std::vector<std::byte> bytes = saved(desk.engine);
  bytes.resize(bytes.size() + 7);
  Engine loaded;
  std::span<const std::byte> in(bytes);
  ASSERT_TRUE(loaded.load(in).ok());
  EXPECT_EQ(in.size(), 7U);
}

TEST(RiskSnapshot, CutBytesAreRefusedAtEveryLength) {
  Desk desk;
  trade(desk);
  const std::vector<std::byte> bytes = saved(desk.engine);
  for (std::size_t length = 0; length < bytes.size(); length += 13) {
    Engine loaded;
    std::span<const std::byte> in(bytes.data(), length);
    EXPECT_FALSE(loaded.load(in).ok()) << length;
  }
}

TEST(RiskSnapshot, AnotherVersionIsRefusedByName) {
  Desk desk;
  std::vector<std::byte> bytes = saved(desk.engine);
  bytes[0] = std::byte{99};
  Engine loaded;
  std::span<const std::byte> in(bytes);
  const Status status = loaded.load(in);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().what,
            "the risk state in the snapshot has version 99, expected " + std::to_string(Engine::kSnapshotVersion));
}

}  // namespace
}  // namespace portcullis::risk
