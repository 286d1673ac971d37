#include "base/pages.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <thread>
#include <vector>

namespace portcullis {
namespace {

bool all_zero(const Pages& pages) {
  return std::all_of(pages.get(), pages.get() + pages.bytes(), [](std::byte byte) { return byte == std::byte{0}; });
}

TEST(Pages, AreZeroedWholeBlocksOnABoundary) {
  EXPECT_EQ(Pages().get(), nullptr);
  for (const std::size_t bytes : {std::size_t{1}, Pages::kBlock, Pages::kBlock + 1, 3 * Pages::kBlock}) {
    Pages pages(bytes);
    EXPECT_GE(pages.bytes(), bytes);
    EXPECT_LT(pages.bytes(), bytes + Pages::kBlock);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.get()) % Pages::kBlock, 0u);
    EXPECT_TRUE(all_zero(pages));
    pages.get()[pages.bytes() - 1] = std::byte{7};
    Pages taken = std::move(pages);
    EXPECT_EQ(taken.get()[taken.bytes() - 1], std::byte{7});
  }
}

TEST(PageArray, CopiesWhatItHolds) {
  PageArray<int> numbers(1'000'000);
  EXPECT_EQ(numbers[999'999], 0);
  numbers[999'999] = 5;
  PageArray<int> copy = numbers;
  numbers[999'999] = 6;
  EXPECT_EQ(copy[999'999], 5);
  copy = PageArray<int>();
  EXPECT_TRUE(copy.empty());
  copy = static_cast<const PageArray<int>&>(copy);  // itself
  EXPECT_TRUE(copy.empty());
}

// One thread makes blocks ready, others take them and write into all of them: nobody gets another's.
TEST(ReadyPages, GiveEachBlockToOneThread) {
  std::thread keeper([] {
    while (ReadyPages::keep()) {
    }
  });
  std::vector<std::thread> takers;
  std::vector<int> faults(3, 0);
  for (int taker = 0; taker < 3; ++taker) {
    takers.emplace_back([taker, &faults] {
      std::vector<Pages> held;
      for (int i = 0; i < 40; ++i) {
        held.emplace_back(Pages::kBlock);
        if (!all_zero(held.back())) ++faults[static_cast<std::size_t>(taker)];
        std::fill(held.back().get(), held.back().get() + held.back().bytes(), std::byte(taker + 1));
        if (held.size() > 5) held.erase(held.begin());
      }
      for (const Pages& pages : held) {
        const auto is_own = [taker](std::byte byte) { return byte == std::byte(taker + 1); };
        if (!std::all_of(pages.get(), pages.get() + pages.bytes(), is_own)) ++faults[static_cast<std::size_t>(taker)];
      }
    });
  }
  for (std::thread& taker : takers) taker.join();
  ReadyPages::stop();
  keeper.join();
  EXPECT_FALSE(ReadyPages::keep()) << "until it is cleared";
  ReadyPages::clear();
  EXPECT_EQ(faults, std::vector<int>({0, 0, 0}));
}

// Whether the system has given the memory already, which it does when it is first touched.
bool is_present(const Pages& pages) {
  unsigned char present = 0;
  EXPECT_EQ(::mincore(pages.get(), 1, &present), 0);
  return (present & 1) != 0;
}

std::atomic<int> told_scarce{0}, told_enough{0};

// The keeper is told before each block that it makes, and by who takes one when fewer than half are left.
TEST(ReadyPages, TellWhenTheyAreScarce) {
  ReadyPages::tell([](bool scarce) { ++(scarce ? told_scarce : told_enough); });
  std::thread keeper([] {
    while (ReadyPages::keep()) {
    }
  });
  constexpr int kHalf = static_cast<int>(ReadyPages::kBlocks / 2);
  while (told_scarce + told_enough < 2 * kHalf) std::this_thread::yield();
  EXPECT_EQ(told_scarce, kHalf) << "it made half of them before there were enough";
  ReadyPages::stop();
  keeper.join();
  std::vector<Pages> taken;
  for (int i = 0; i < kHalf; ++i) taken.emplace_back(Pages::kBlock);
  EXPECT_EQ(told_scarce, kHalf) << "half of them are left";
  taken.emplace_back(Pages::kBlock);
  EXPECT_EQ(told_scarce, kHalf + 1);
  ReadyPages::tell(nullptr);
  taken.emplace_back(Pages::kBlock);
  EXPECT_EQ(told_scarce, kHalf + 1);
  ReadyPages::clear();
}

TEST(ReadyPages, AreLeftByThreadsThatNobodyWaitsFor) {
  std::thread keeper([] {
    while (ReadyPages::keep()) {
    }
  });
  const auto until_ready = [] {
    while (!is_present(Pages(Pages::kBlock))) std::this_thread::yield();
  };
  until_ready();
  std::thread([] {
    ReadyPages::leave_to_others();
    for (int i = 0; i < 40; ++i) EXPECT_FALSE(is_present(Pages(Pages::kBlock)));
  }).join();
  until_ready();
  ReadyPages::stop();
  keeper.join();
  ReadyPages::clear();
}

}  // namespace
}  // namespace portcullis
