#pragma once

#include <memory>
#include <string>
#include <vector>

// A counterparty on QuickFIX's own engine, in memory: a FIX::Session with its own store, whose bytes the
// test carries. It shares nothing with the gateway's fence. C++14 behind this header.

namespace portcullis {
namespace session {
namespace test {

class QuickFixPeer {
 public:
  struct Settings {
    std::string begin_string = "FIX.4.4";
    std::string comp_id = "PEER";
    std::string gateway_comp_id = "GATE";
    std::string dictionary_path;
    bool initiator = true;
    int heart_bt_int_s = 60;
  };

  explicit QuickFixPeer(const Settings& settings);
  ~QuickFixPeer();

  void connected();  // an initiator sends its Logon
  void disconnected();
  bool logged_on() const;

  void receive(const std::string& frame);
  // What it wants to send since the last call, whole frames.
  std::vector<std::string> take();
  // An application message: 35, and body fields as "tag=value|…". Numbered and stored by QuickFIX.
  void send(const std::string& msg_type, const std::string& fields);
  void send_test_request();
  // Loses the connection of its own accord?
  bool wants_disconnect() const;

  // Values of `tag` in the application messages that reached its application, in order.
  std::vector<std::string> received(int tag) const;
  int next_sender() const;
  int next_target() const;
  void set_next_sender(int value);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace test
}  // namespace session
}  // namespace portcullis
