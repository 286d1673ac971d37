#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

// One side of a FIX session, said by hand over a real socket: each message as it is told, right or wrong. For tests
// that play a conversation with the gateway; one thread.

namespace portcullis::acceptance {

// A received message; '|' stands for SOH.
struct FixText {
  std::string text;
  std::string operator[](int tag) const;  // the first value, or empty
  bool has(int tag) const;
};

class FixPeer {
 public:
  struct Identity {
    std::string begin_string;
    std::string sender;
    std::string target;
  };

  explicit FixPeer(Identity identity) : identity_(std::move(identity)) {}
  ~FixPeer() { hang_up(); }
  FixPeer(const FixPeer&) = delete;
  FixPeer& operator=(const FixPeer&) = delete;

  // To 127.0.0.1, from another address of the loopback where one is given. Throws when nobody listens.
  void connect(std::uint16_t port, const std::string& from = "");
  void adopt(int socket);
  void hang_up();
  bool connected() const { return socket_ >= 0; }

  // `35=D|11=A|…`. What is missing of 8, 9, 35, 34, 49, 56, 52 and 10 is filled in, in FIX's order. A given 34 is the
  // number from which the next ones go on; `34=-` leaves it out, and so for the others. `52=+90s` and any other
  // `TAG=+Ns` or `-Ns` are times from now, `TAG=now` is now. `9=+3` and `10=+1` are wrong by that much.
  void send(std::string_view fields) { send_bytes(compose(fields)); }
  // The same without sending, for several messages in one send_bytes(); takes its number.
  std::string compose(std::string_view fields);
  // Bytes as they stand, with '|' for SOH.
  void send_bytes(std::string_view text);
  // The number of the next message.
  std::uint64_t next_seq = 1;

  // The next whole message; nothing when the gateway has closed, or has said nothing for so long.
  std::optional<FixText> receive(Duration patience);
  // The gateway closes and says nothing more within this time.
  bool closed(Duration patience);

 private:
  bool read(SteadyTime deadline);

  Identity identity_;
  int socket_ = -1;
  bool closed_by_peer_ = false;
  std::string unread_;
};

// Listens on 127.0.0.1 for what the gateway connects to.
class FixListener {
 public:
  explicit FixListener(std::uint16_t port = 0);
  ~FixListener();
  FixListener(const FixListener&) = delete;
  FixListener& operator=(const FixListener&) = delete;
  std::uint16_t port() const { return port_; }
  // A socket for FixPeer::adopt, or -1 when nobody came in time.
  int accept(Duration patience);

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace portcullis::acceptance
