#include "persistence/background.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

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

}  // namespace

void work_in_background(const char* thread_name) {
  pthread_setname_np(pthread_self(), thread_name);
  // Linux keeps a nice value for each thread. What is refused stays as it was.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice));
  set_disk_share(DiskShare::kIdle);
}

void set_disk_share(DiskShare share) {
  const int priority = share == DiskShare::kIdle ? kIdle << kClassShift : kBestEffort << kClassShift | kOrdinaryLevel;
  static_cast<void>(::syscall(SYS_ioprio_set, kOfThisThread, 0, priority));
}

void set_behind(std::uint64_t records) {
  far_behind = records >= kFarBehind;
}

void give_way() {
  if (++pieces % kPiecesOfATurn == 0) end_turn();
}

void end_turn() {
  if (!far_behind) ::sched_yield();
}

}  // namespace portcullis::persistence
