#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "Acceptor.h"
#include "ThreadedSocketConnection.h"

namespace portcullis {
namespace sim {

// QuickFIX's acceptor with an address of its own. FIX::SocketAcceptor listens on every interface of the host and
// cannot report a free port, so the listening socket and the accept loop are here; everything from the accepted
// connection up (framing, the session, the store) is QuickFIX's.
// The listening socket is bound by the constructor, so a bad address throws FIX::ConfigError there.
class Listener : public FIX::Acceptor {
 public:
  Listener(FIX::Application& application, FIX::MessageStoreFactory& stores, const FIX::SessionSettings& settings,
           FIX::LogFactory& logs, const std::string& host, unsigned short port) throw(FIX::ConfigError);
  ~Listener() override;

  unsigned short port() const { return port_; }

 private:
  void onStart() override;  // QuickFIX's own thread: accepts until onStop()
  bool onPoll(double timeout) override;
  void onStop() override;

  void serve(int socket, int handle);

  static constexpr int kMaxConnections = 16;  // more are closed at once: this is one session's door

  int listening_ = -1;
  int wake_[2] = {-1, -1};
  unsigned short port_ = 0;
  std::mutex mutex_;
  std::condition_variable served_;
  std::set<int> open_;  // our own handles of the accepted connections
};

}  // namespace sim
}  // namespace portcullis
