#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

// Threads that nobody waits for while an order is on its way: those that follow the journal. Any thread, for itself.

namespace portcullis::persistence {

// Names the thread and lets the ones that orders wait for go first: on the processor (nice 19, and once it has caught up the
// class SCHED_IDLE, where the process may take that back) and at the disk (the class "idle", where the disk's scheduler
// knows classes). A system that refuses leaves it slower to give way, and right.
void work_in_background(const char* thread_name);
// Whether the calling thread does.
bool works_in_background();

// Whether the disk serves the calling thread after all others, or as anyone.
enum class DiskShare : bool { kIdle, kOrdinary };
void set_disk_share(DiskShare share);

// The process is about to end, and waits for its followers: those that work in the background now take their turns as any
// thread does, give way no more, and are served by the disk as anyone. For a higher priority Linux asks for CAP_SYS_NICE or
// a limit on nice values (RLIMIT_NICE) that allows 0; where it refuses, they only give way no more.
void hurry();

// The calling thread has so many records to do. Where others always wait, one that gives way would never catch up: when one
// has not had nothing left to do for `kPatience`, all of them take the small share that nice 19 leaves them, and are
// served by the disk as anyone, until it has.
void set_behind(std::uint64_t records, std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());
inline constexpr std::uint64_t kFarBehind = 2'000;  // and so far behind one does not give way at nice 19, either
inline constexpr std::chrono::seconds kPatience{5};

// Between two small pieces of a follower's work, a record, a row or a page. Sees whether it starves; and lets whoever waits
// for this processor have it after some of them: Linux may leave a thread that wakes waiting for the end of another's turn,
// which is milliseconds, however nice that one is, and even of the class SCHED_IDLE where it has not had its share of a three
// hundredth yet.
void give_way();
// The same after a piece that was long enough for a whole turn.
void end_turn();

// Of a thread that others wait for, and that does at leisure what nobody waits for yet: any other takes the processor from
// it meanwhile (the class SCHED_IDLE).
class Leisure {
 public:
  // The thread itself, before all else, once.
  void begin_thread();
  // The thread itself, before each piece of work; offers its processor. False: the system would not let it come back, so it
  // stays as it is.
  bool begin();
  // Whoever needs it; also the thread itself.
  void end();

 private:
  bool may_come_back_ = false;
  std::atomic<int> thread_ = 0;
  std::atomic<bool> at_leisure_ = false;
};

}  // namespace portcullis::persistence
