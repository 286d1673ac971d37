#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "base/time.h"
#include "sim/json_log.h"
#include "sim/quickfix/engine.h"

namespace portcullis::sim {

SteadyTime steady_now();

// Carries what happens on QuickFIX's threads to the one thread that owns a model, and logs it on the way: a message
// is in the log before the model acts on it.
class Inbox : public EngineHandler {
 public:
  enum class Kind : std::uint8_t { kLogon, kLogout, kReceived, kTimer };
  struct Item {
    Kind kind = Kind::kTimer;
    Message message;  // kReceived
  };

  explicit Inbox(JsonLog& log) : log_(log) {}

  // Waits for the next item, at most until `deadline`; then nothing.
  std::optional<Item> wait_until(SteadyTime deadline);
  // Makes a waiting wait_until return.
  void wake();

  void on_logon() override;
  void on_logout() override;
  void on_received(const Message& message) override;
  void on_sending(const Message& message) override;
  void on_event(const std::string& text) override;

 private:
  // A full inbox makes QuickFIX's thread wait, and so TCP pushes back on the peer.
  static constexpr std::size_t kMaxItems = 100'000;

  void push(Item item);

  JsonLog& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> items_;
};

}  // namespace portcullis::sim
