#include "session/threads.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace portcullis::session {

namespace {

// A third of the core thread's weight: a storm of logons does not take its processor, and a busy machine
// still lets clients in.
constexpr int kBackgroundNice = 5;

}  // namespace

std::thread start_thread(const char* name, bool background, std::function<void()> run) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread([name, background, run = std::move(run)] {
    pthread_setname_np(pthread_self(), name);
    // On Linux the priority belongs to the thread. A refusal changes nothing but fairness.
    if (background) setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kBackgroundNice);
    run();
  });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace portcullis::session
