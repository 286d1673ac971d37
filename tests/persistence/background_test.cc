#include "persistence/background.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <future>
#include <thread>

namespace portcullis::persistence {
namespace {

int nice_of(pid_t thread) {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(thread));
}

// Whether this process may take back what it gave way.
bool may_be_ordinary_again() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NICE, &limit);
  return ::geteuid() == 0 || limit.rlim_cur >= 20;
}

TEST(Background, AStopIsNotLeftWaitingForWhatGaveWay) {
  std::promise<pid_t> named;
  std::promise<void> end;
  std::thread follower([&] {
    work_in_background("follower");
    named.set_value(::gettid());
    end.get_future().wait();
  });
  const pid_t thread = named.get_future().get();
  EXPECT_EQ(nice_of(thread), 19);
  const int own = nice_of(0);

  hurry();

  EXPECT_EQ(nice_of(thread), may_be_ordinary_again() ? 0 : 19);
  EXPECT_EQ(nice_of(0), own) << "a thread that never gave way is left as it is";
  end.set_value();
  follower.join();
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
