#include "sim/quickfix/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace portcullis {
namespace sim {

Listener::Listener(FIX::Application& application, FIX::MessageStoreFactory& stores,
                   const FIX::SessionSettings& settings, FIX::LogFactory& logs, const std::string& host,
                   unsigned short port) throw(FIX::ConfigError)
    : FIX::Acceptor(application, stores, settings, logs) {
  sockaddr_in address;
  std::memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    throw FIX::ConfigError("cannot listen on " + host + ": expected a dotted IPv4 address");
  }
  listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr* plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (listening_ < 0 || bind(listening_, plain, length) != 0 || listen(listening_, 16) != 0 ||
      getsockname(listening_, plain, &length) != 0 || pipe2(wake_, O_CLOEXEC) != 0) {
    const std::string reason = std::strerror(errno);
    if (listening_ >= 0) close(listening_);
    throw FIX::ConfigError("cannot listen on " + host + ":" + std::to_string(port) + ": " + reason);
  }
  port_ = ntohs(address.sin_port);
}

Listener::~Listener() {
  close(listening_);
  close(wake_[0]);
  close(wake_[1]);
}

void Listener::onStart() {
  while (!isStopped()) {
    pollfd waiting[2] = {{listening_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) break;
    if (waiting[1].revents != 0) break;
    if ((waiting[0].revents & POLLIN) == 0) continue;
    const int accepted = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) continue;
    const int on = 1;
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::lock_guard<std::mutex> lock(mutex_);
    if (open_.size() >= kMaxConnections || accepted >= FD_SETSIZE) {  // QuickFIX waits with select(2)
      close(accepted);
      continue;
    }
    // QuickFIX closes `accepted` when it likes; our own handle stays valid until serve() has ended.
    const int handle = fcntl(accepted, F_DUPFD_CLOEXEC, 0);
    open_.insert(handle);
    std::thread(&Listener::serve, this, accepted, handle).detach();
  }
}

// One thread a connection, as FIX::ThreadedSocketAcceptor does it; onStop waits until the last one has left.
void Listener::serve(int socket, int handle) {
  {
    FIX::ThreadedSocketConnection connection(socket, getSessions(), getLog());
    while (connection.read()) {
    }
  }
  std::lock_guard<std::mutex> lock(mutex_);
  open_.erase(handle);
  close(handle);
  served_.notify_all();
}

bool Listener::onPoll(double) {
  return false;
}

void Listener::onStop() {
  const char wake = 1;
  if (write(wake_[1], &wake, 1) != 1) getLog()->onEvent("the accept loop could not be woken");
  std::unique_lock<std::mutex> lock(mutex_);
  for (int handle : open_) shutdown(handle, SHUT_RDWR);
  served_.wait(lock, [this] { return open_.empty(); });
}

}  // namespace sim
}  // namespace portcullis
