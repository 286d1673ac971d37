#include "persistence/background.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <utility>

namespace portcullis::persistence {
namespace {

int nice_of(pid_t thread) {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(thread));
}

// What this process may take back of what it gave: a thread's nice value of 0, and its class.
bool may_lift_to(int nice) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NICE, &limit);
  return ::geteuid() == 0 || limit.rlim_cur >= static_cast<rlim_t>(20 - nice);
}

int class_of(pid_t thread) {
  return ::sched_getscheduler(thread);
}

// The calling thread's at the disk: linux/ioprio.h, which not every system has.
constexpr int kBestEffort = 2;
constexpr int kIdle = 3;
long disk_class() {
  constexpr int kOfThisThread = 1;
  constexpr int kClassShift = 13;
  return ::syscall(SYS_ioprio_get, kOfThisThread, 0) >> kClassShift;
}

const int kClassInBackground = may_lift_to(18) ? SCHED_IDLE : SCHED_OTHER;

TEST(Background, AStopIsNotLeftWaitingForWhatGaveWay) {
  std::promise<pid_t> named;
  std::promise<void> end;
  std::thread follower([&] {
    work_in_background("follower");
    set_behind(0);
    named.set_value(::gettid());
    end.get_future().wait();
    set_behind(kFarBehind);  // what it finds to do meanwhile changes nothing
    EXPECT_EQ(class_of(0), SCHED_OTHER);
  });
  const pid_t thread = named.get_future().get();
  EXPECT_EQ(nice_of(thread), 19);
  EXPECT_EQ(class_of(thread), kClassInBackground);
  const int own = nice_of(0);

  hurry();

  EXPECT_EQ(nice_of(thread), may_lift_to(0) ? 0 : 19);
  EXPECT_EQ(class_of(thread), SCHED_OTHER);
  EXPECT_EQ(nice_of(0), own) << "a thread that never gave way is left as it is";
  end.set_value();
  follower.join();
}

TEST(Leisure, EndsByWhoeverNeedsTheThread) {
  Leisure leisure;
  std::promise<pid_t> began;
  std::promise<void> ended;
  std::thread thread([&] {
    leisure.begin_thread();
    EXPECT_EQ(class_of(0), SCHED_OTHER);
    EXPECT_EQ(leisure.begin(), may_lift_to(0)) << "it never goes where it would have to stay";
    began.set_value(::gettid());
    ended.get_future().wait();
    EXPECT_EQ(class_of(0), SCHED_OTHER);
    EXPECT_EQ(leisure.begin(), may_lift_to(0));
    EXPECT_EQ(class_of(0), may_lift_to(0) ? SCHED_IDLE : SCHED_OTHER);
    leisure.end();
    EXPECT_EQ(class_of(0), SCHED_OTHER);
  });
  const pid_t id = began.get_future().get();
  EXPECT_EQ(class_of(id), may_lift_to(0) ? SCHED_IDLE : SCHED_OTHER);
  leisure.end();
  EXPECT_EQ(class_of(id), SCHED_OTHER);
  ended.set_value();
  thread.join();
}

TEST(Background, AFollowerThatDoesNotCatchUpGetsAShare) {
  std::thread([] {
    const std::chrono::steady_clock::time_point start;
    work_in_background("follower");
    set_behind(kFarBehind, start);
    EXPECT_EQ(class_of(0), SCHED_OTHER) << "what it begins with is not left lying";
    set_behind(0, start);
    EXPECT_EQ(class_of(0), kClassInBackground);
    set_behind(1, start);
    set_behind(0, start + kPatience);
    set_behind(1, start + kPatience);
    set_behind(1, start + 2 * kPatience - std::chrono::nanoseconds(1));
    EXPECT_EQ(class_of(0), kClassInBackground) << "it had caught up in between";
    set_behind(1, start + 2 * kPatience);
    EXPECT_EQ(class_of(0), SCHED_OTHER);
    EXPECT_EQ(nice_of(0), 19);
    set_behind(0, start + 2 * kPatience);
    EXPECT_EQ(class_of(0), kClassInBackground);
  }).join();
}

TEST(Background, AFollowerThatStarvesIsNotServedByTheDiskAfterAllOthers) {
  std::thread([] {
    const std::chrono::steady_clock::time_point start;
    work_in_background("follower");
    if (disk_class() != kIdle) return;  // a system without these classes, where there is nothing to take back
    set_behind(1, start);
    set_behind(1, start + kPatience - std::chrono::nanoseconds(1));
    EXPECT_EQ(disk_class(), kIdle);
    set_behind(1, start + kPatience);
    EXPECT_EQ(disk_class(), kBestEffort);
    set_behind(0, start + kPatience);
    EXPECT_EQ(disk_class(), kIdle);
    hurry();
    set_behind(0, start + kPatience);
    EXPECT_EQ(disk_class(), kBestEffort);
  }).join();
}

TEST(Background, AFollowerThatStarvesLiftsTheOthersWithIt) {
  std::promise<pid_t> starving;
  std::promise<void> end;
  std::thread first([&] {
    work_in_background("follower");
    const std::chrono::steady_clock::time_point start;
    set_behind(kFarBehind, start);
    set_behind(kFarBehind, start + kPatience);
    starving.set_value(::gettid());
    end.get_future().wait();
  });
  starving.get_future().wait();
  std::thread([&] {
    work_in_background("follower");
    set_behind(0);
    EXPECT_EQ(class_of(0), SCHED_OTHER);
    end.set_value();
    first.join();  // and starves no longer
    set_behind(0);
    EXPECT_EQ(class_of(0), kClassInBackground);
  }).join();
}

TEST(Background, AFollowerSeesThatItStarvesInTheMiddleOfItsWork) {
  std::thread([] {
    work_in_background("follower");
    set_behind(0);
    set_behind(1, std::chrono::steady_clock::now() - kPatience + std::chrono::milliseconds(1));
    while (class_of(0) != SCHED_OTHER) give_way();
    EXPECT_EQ(nice_of(0), 19);
  }).join();
}

TEST(Background, AFollowerSeesThatItStarvesBetweenItsLongPieces) {
  std::thread([] {
    work_in_background("follower");
    set_behind(0);
    set_behind(1, std::chrono::steady_clock::now() - kPatience + std::chrono::milliseconds(1));
    while (class_of(0) != SCHED_OTHER) end_turn();
    EXPECT_EQ(nice_of(0), 19);
  }).join();
}

// Without that, one of the class SCHED_IDLE may hold the processor until the next tick although others wait for it.
TEST(Background, AFollowerOffersItsProcessorHoweverFarItIsBehind) {
  constexpr int kPieces = 6'400;
  const int processor = ::sched_getcpu();
  std::atomic<bool> done = false;
  const auto work = [processor](auto&& go_on) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(processor), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    work_in_background("follower");
    set_behind(0);
    set_behind(class_of(0) == SCHED_IDLE ? kFarBehind : 1);  // at nice 19 one that is far behind goes on
    while (go_on()) give_way();
  };
  std::promise<void> waits;
  std::thread other([&] {
    work([&, first = true]() mutable {
      if (std::exchange(first, false)) waits.set_value();
      return !done;
    });
  });
  waits.get_future().wait();
  std::thread([&] {
    rusage before{};
    rusage after{};
    work([&, left = kPieces]() mutable {
      if (left == kPieces) ::getrusage(RUSAGE_THREAD, &before);
      return --left >= 0;
    });
    ::getrusage(RUSAGE_THREAD, &after);
    EXPECT_GE(after.ru_nivcsw - before.ru_nivcsw, kPieces / 100) << "it has not let the other go on between its pieces";
  }).join();
  done = true;
  other.join();
}

TEST(Background, AThreadBegunInTheBackgroundIsNotOfItByItself) {
  std::thread([] {
    work_in_background("follower");
    EXPECT_TRUE(works_in_background());
    std::thread([] { EXPECT_FALSE(works_in_background()); }).join();
  }).join();
}

TEST(Background, OneThatBeginsAfterAHurryGivesWayAgain) {
  hurry();
  std::thread([] {
    work_in_background("follower");
    EXPECT_EQ(nice_of(0), 19);
  }).join();
}

}  // namespace
}  // namespace portcullis::persistence
