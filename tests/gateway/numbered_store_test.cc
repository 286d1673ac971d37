#include "gateway/numbered_store.h"

#include <gtest/gtest.h>

#include <set>

#include "base/strong_id.h"

namespace portcullis::gateway {
namespace {

struct Row {
  bool kept = true;
  std::uint64_t value = 0;
  char rest[1008] = {};
};
using Number = StrongId<struct RowTag, std::uint64_t>;
using Store = NumberedStore<Row, Number>;

TEST(NumberedStore, WhatIsGivenBackIsGoneAndItsNumberIsNotUsedAgain) {
  Store store;
  for (std::uint64_t i = 0; i < 10; ++i) store.add().value = i;
  store.give_back(Number(3));
  EXPECT_FALSE(store.contains(Number(3)));
  EXPECT_TRUE(store.contains(Number(4)));
  EXPECT_EQ(store.kept(), 9u);
  EXPECT_EQ(store.next(), Number(10));
  EXPECT_EQ(store.next_kept(Number(3)), Number(4));
  EXPECT_EQ(store.next_kept(Number(10)), Number::none());
  store.prefetch(Number(3));
  store.prefetch(Number(1'000'000));
  EXPECT_DEATH(store[Number(3)], "no entry of this number");
  EXPECT_DEATH(store[Number(10)], "no entry of this number");
}

// Weeks of orders take the memory of a few days.
TEST(NumberedStore, MemoryIsUsedAgain) {
  Store store;
  constexpr std::uint64_t kKept = 3 * Store::kChunk;
  std::size_t most = 0;
  for (std::uint64_t i = 0; i < 40 * Store::kChunk; ++i) {
    Row& row = store.add();
    ASSERT_EQ(row.value, 0u);
    row.value = i;
    if (i >= kKept) store.give_back(Number(i - kKept));
    if (i == 5 * Store::kChunk) most = store.bytes();
  }
  EXPECT_EQ(store.bytes(), most);
  EXPECT_LE(most, 5 * Pages::kBlock);
  EXPECT_EQ(store.kept(), kKept);
  EXPECT_EQ(store.next_kept(Number(0)), Number(37 * Store::kChunk));
  EXPECT_EQ(store[Number(38 * Store::kChunk)].value, 38 * Store::kChunk);
}

TEST(NumberedStore, OneThatLivesKeepsItsChunk) {
  Store store;
  for (std::uint64_t i = 0; i < 3 * Store::kChunk; ++i) store.add().value = i;
  for (std::uint64_t i = 0; i < 2 * Store::kChunk; ++i) {
    if (i != 5) store.give_back(Number(i));
  }
  EXPECT_EQ(store[Number(5)].value, 5u);
  EXPECT_EQ(store.next_kept(Number(0)), Number(5));
  EXPECT_EQ(store.next_kept(Number(6)), Number(2 * Store::kChunk));
  EXPECT_EQ(store.past_gone(Store::kChunk), 2 * Store::kChunk);
}

// As a snapshot is read: only what is there has memory.
TEST(NumberedStore, GapsTakeNoMemory) {
  Store store;
  std::set<std::uint64_t> numbers;
  for (const std::uint64_t first :
       {std::uint64_t{7}, std::uint64_t{100'000}, std::uint64_t{100'003}, std::uint64_t{4'000'000}}) {
    store.skip_to(first);
    store.add().value = first;
    numbers.insert(first);
  }
  store.skip_to(5'000'000);
  EXPECT_EQ(store.bytes(), 3 * Pages::kBlock);
  EXPECT_EQ(store.kept(), 4u);
  std::set<std::uint64_t> found;
  for (Number n = store.next_kept(Number(0)); n.has_value(); n = store.next_kept(Number(n.value() + 1))) {
    EXPECT_EQ(store[n].value, n.value());
    found.insert(n.value());
  }
  EXPECT_EQ(found, numbers);
  EXPECT_EQ(store.add().value, 0u);
  EXPECT_EQ(store.next(), Number(5'000'001));
  EXPECT_FALSE(store.contains(Number(4'999'999)));
  EXPECT_TRUE(store.contains(Number(5'000'000)));
}

}  // namespace
}  // namespace portcullis::gateway
