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
#include <thread>
#include <vector>

namespace portcullis::persistence {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kNice = 19;
// linux/ioprio.h, which not every system has.
constexpr int kOfThisThread = 1;
constexpr int kClassShift = 13;
constexpr int kBestEffort = 2;
constexpr int kIdle = 3;
constexpr int kOrdinaryLevel = 4;

constexpr unsigned kPiecesOfATurn = 8;       // at nice 19: some 50 microseconds
constexpr unsigned kPiecesOfAnIdleTurn = 32;  // of the class SCHED_IDLE, whose threads change places with each other then
constexpr unsigned kPiecesOfALook = 64;

thread_local unsigned pieces = 0;

// How many followers have not caught up for too long.
std::atomic<int> starving = 0;

void set_nice(pid_t thread, int nice) {
  // Linux keeps a nice value for each thread. What is refused stays as it was.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(thread), nice));
}

void set_class(pid_t thread, int policy) {
  const sched_param none{};
  static_cast<void>(::sched_setscheduler(thread, policy, &none));  // as above
}

// Whether this thread, at `kNice`, may be lifted again: else it would be of the class SCHED_IDLE for good.
bool may_be_lifted() {
  if (::setpriority(PRIO_PROCESS, 0, kNice - 1) != 0) return false;
  set_nice(0, kNice);
  return true;
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
  InBackground() : may_be_lifted_(may_be_lifted()) {
    followers().add(this);
  }
  InBackground(const InBackground&) = delete;
  InBackground& operator=(const InBackground&) = delete;
  ~InBackground() {
    set_starving(false);
    followers().remove(this);
  }

  // By another thread.
  void hurry() {
    hurries_ = true;
    set_class(id_, SCHED_OTHER);
    set_nice(id_, 0);
    set_disk_share_of(id_, DiskShare::kOrdinary);
  }

  void set_behind(std::uint64_t records, Clock::time_point now) {
    far_behind_ = records >= kFarBehind;
    if (records == 0) {
      has_caught_up_ = true;
      behind_since_.reset();
    } else if (!behind_since_) {
      behind_since_ = now;
    }
    take_share(now);
  }

  void take_share(Clock::time_point now) {
    set_starving(behind_since_ && now - *behind_since_ >= kPatience);
    const bool waits_for_all = !hurries_ && starving == 0;
    take_disk_share(waits_for_all ? DiskShare::kIdle : DiskShare::kOrdinary);
    const bool idle = may_be_lifted_ && has_caught_up_ && waits_for_all;
    if (idle == idle_) return;
    idle_ = idle;
    set_class(0, idle ? SCHED_IDLE : SCHED_OTHER);
    // Who hurries it in between would find that undone.
    if (idle && hurries_) {
      idle_ = false;
      set_class(0, SCHED_OTHER);
    }
  }

  void offer_processor_after(unsigned count) const {
    if (count % (idle_ ? kPiecesOfAnIdleTurn : kPiecesOfATurn) == 0) offer_processor();
  }
  void offer_processor() const {
    if ((idle_ || !far_behind_) && !hurries_) ::sched_yield();
  }

 private:
  // A busy disk serves its idle class once in seconds, and a follower that waits for it is not even there to see that it
  // starves.
  void take_disk_share(DiskShare share) {
    if (share == disk_share_) return;
    disk_share_ = share;
    set_disk_share_of(0, share);
    if (share == DiskShare::kIdle && hurries_) set_disk_share_of(0, DiskShare::kOrdinary);  // as above
  }
  void set_starving(bool starves) {
    if (starves != starves_) starving += starves ? 1 : -1;
    starves_ = starves;
  }

  const pid_t id_ = ::gettid();
  const bool may_be_lifted_;
  bool idle_ = false;
  DiskShare disk_share_ = DiskShare::kIdle;
  bool far_behind_ = false;
  bool starves_ = false;
  bool has_caught_up_ = false;
  std::optional<Clock::time_point> behind_since_;
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
  set_class(0, SCHED_OTHER);  // it may have been begun by one that is of the class SCHED_IDLE
  set_nice(0, kNice);
  set_disk_share(DiskShare::kIdle);
  in_background.emplace();
}

bool works_in_background() {
  return in_background.has_value();
}

void set_disk_share(DiskShare share) {
  set_disk_share_of(0, share);
}

void hurry() {
  followers().hurry();
}

void set_behind(std::uint64_t records, Clock::time_point now) {
  if (in_background) in_background->set_behind(records, now);
}

void give_way() {
  ++pieces;
  if (!in_background) return;
  if (pieces % kPiecesOfALook == 0) in_background->take_share(Clock::now());
  in_background->offer_processor_after(pieces);
}

void end_turn() {
  if (!in_background) return;
  in_background->take_share(Clock::now());
  in_background->offer_processor();
}

void Leisure::begin_thread() {
  thread_ = ::gettid();
  // Tried by another thread, which would not be missed.
  std::thread([this] {
    set_class(0, SCHED_IDLE);
    set_class(0, SCHED_OTHER);
    may_come_back_ = ::sched_getscheduler(0) == SCHED_OTHER;
  }).join();
}

bool Leisure::begin() {
  if (!may_come_back_) return false;
  if (at_leisure_.exchange(true)) {
    ::sched_yield();
    return true;
  }
  set_class(thread_, SCHED_IDLE);
  // Whoever ended it in between would find that undone.
  if (!at_leisure_) set_class(thread_, SCHED_OTHER);
  return true;
}

void Leisure::end() {
  if (at_leisure_.load(std::memory_order_seq_cst) && at_leisure_.exchange(false)) set_class(thread_, SCHED_OTHER);
}

}  // namespace portcullis::persistence
