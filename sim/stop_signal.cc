#include "sim/stop_signal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"

namespace portcullis::sim {
namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  file_ = signalfd(-1, &set, SFD_CLOEXEC);
  PORTCULLIS_CHECK(file_ >= 0, "signalfd failed");
}

// A signal that nobody waited for is taken too: left pending, it would end the process once it is unblocked.
StopSignal::~StopSignal() {
  do {
    seen_ = false;
  } while (wait_for(Duration()));
  close(file_);
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void StopSignal::wait() {
  while (!wait_for(Duration::seconds(3600))) {
  }
}

bool StopSignal::wait_for(Duration time) {
  if (seen_) return true;
  pollfd waiting{file_, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(time.ms())) <= 0) return false;
  signalfd_siginfo info;
  seen_ = read(file_, &info, sizeof info) == static_cast<ssize_t>(sizeof info);
  return seen_;
}

}  // namespace portcullis::sim
