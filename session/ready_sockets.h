#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "session/stream.h"

namespace boost::asio {
class io_context;
}

// Reads many sockets of one thread. Asio takes them one by one: each read costs a look that finds nothing behind it,
// and what belongs to a connection is out of the processor's caches when its turn comes. Here all that are ready stand
// in a row, so that those behind the one in hand can be looked at meanwhile: their bytes are received some turns ahead,
// and what these will ask for is brought near. They are handed over one after the other, in the order in which they
// became ready, as they would be without.

namespace portcullis::session {

class ReadySockets {
 public:
  class Socket {
   public:
    virtual ~Socket() = default;
    // Bytes, an end or room for bytes have come (epoll(7)). Reads once; true: what it brought is to be handed over.
    virtual bool receive(std::uint32_t events) = 0;
    // Hints between receive() and hand_over_received(), one in each turn: 0, 1, … kLooks - 1.
    virtual void look_ahead(int step) = 0;
    virtual void hand_over_received() = 0;
  };
  static constexpr int kLooks = 3;

  // `io` runs no more once this is gone.
  explicit ReadySockets(boost::asio::io_context& io);
  ReadySockets(const ReadySockets&) = delete;
  ReadySockets& operator=(const ReadySockets&) = delete;

  // Whether sockets that begin to read are to come here. Worth it where there are many: a wait here is behind Asio's.
  bool wanted() const { return wanted_; }
  void set_wanted(bool wanted) { wanted_ = wanted; }

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  // A socket that does not block. From now on receive() is called when something has come since the last time (edges);
  // the first time for what is there already. kNone: the system has no room for another.
  std::uint32_t add(int socket, std::shared_ptr<Socket> user);
  // Before the socket is closed. Its user is called no more; within a round it stands until the round has ended.
  void remove(std::uint32_t place);
  // It has not read all that there is: its next turn is behind those that wait.
  void again(std::uint32_t place);

 private:
  struct Place {
    std::shared_ptr<Socket> user;  // null: free
    std::uint32_t events = 0;
    bool queued = false;
  };
  struct Turn {
    std::uint32_t place = 0;
    bool received = false;
  };

  void arm();
  void post();
  void run();
  void take_ready();
  void receive(Turn& turn);
  void give_back();
  Socket* in_turn(std::size_t number);

  FileDescriptor poll_;
  boost::asio::posix::stream_descriptor watch_;  // of a copy of poll_, by Asio
  std::vector<Place> places_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> queue_;  // of places, of the next round
  std::vector<Turn> round_;
  std::vector<std::shared_ptr<Socket>> removed_;  // in this round
  std::vector<std::uint32_t> freed_;
  bool wanted_ = false;
  bool armed_ = false;
  bool posted_ = false;
  bool running_ = false;
};

}  // namespace portcullis::session
