#include "persistence/background.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

namespace portcullis::persistence {
namespace {

constexpr int kNice = 19;
// linux/ioprio.h, which not every system has.
constexpr int kOfThisThread = 1;
constexpr int kClassShift = 13;
constexpr int kBestEffort = 2;
constexpr int kIdle = 3;
constexpr int kOrdinaryLevel = 4;

constexpr unsigned kPiecesOfATurn = 8;  // some 50 microseconds

thread_local bool far_behind = false;
thread_local unsigned pieces = 0;

void set_nice(pid_t thread, int nice) {
  // Linux keeps a nice value for each thread. What is refused stays as it was.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(thread), nice));
}

void set_disk_share_of(pid_t thread, DiskShare share) {
  const int priority = share == DiskShare::kIdle ? kIdle << kClassShift : kBestEffort << kClassShift | kOrdinaryLevel;
  static_cast<void>(::syscall(SYS_ioprio_set, kOfThisThread, thread, priority));
}

class InBackground;

// The threads that work in the background now.
class Followers {
 public:
  void add(InBackground* thread) {
    const std::lock_guard guard(mutex_);
    threads_.push_back(thread);
  }
  void remove(InBackground* thread) {
    const std::lock_guard guard(mutex_);
    std::erase(threads_, thread);
  }
  void hurry();

 private:
  std::mutex mutex_;
  std::vector<InBackground*> threads_;
};

Followers& followers() {
  static Followers all;
  return all;
}

class InBackground {
 public:
  InBackground() { followers().add(this); }
  InBackground(const InBackground&) = delete;
  InBackground& operator=(const InBackground&) = delete;
  ~InBackground() { followers().remove(this); }

  void hurry() {
    hurries_.store(true, std::memory_order_relaxed);
    set_nice(id_, 0);
    set_disk_share_of(id_, DiskShare::kOrdinary);
  }
  bool hurries() const { return hurries_.load(std::memory_order_relaxed); }

 private:
  const pid_t id_ = ::gettid();
  std::atomic<bool> hurries_ = false;
};

void Followers::hurry() {
  const std::lock_guard guard(mutex_);
  for (InBackground* thread : threads_) thread->hurry();
}

thread_local std::optional<InBackground> in_background;  // until the thread ends

}  // namespace

void work_in_background(const char* thread_name) {
  pthread_setname_np(pthread_self(), thread_name);
  set_nice(0, kNice);
  set_disk_share(DiskShare::kIdle);
  in_background.emplace();
}

void set_disk_share(DiskShare share) {
  set_disk_share_of(0, share);
}

void hurry() {
  followers().hurry();
}

void set_behind(std::uint64_t records) {
  far_behind = records >= kFarBehind;
}

void give_way() {
  if (++pieces % kPiecesOfATurn == 0) end_turn();
}

void end_turn() {
  const bool hurries = in_background && in_background->hurries();
  if (!far_behind && !hurries) ::sched_yield();
}

}  // namespace portcullis::persistence
