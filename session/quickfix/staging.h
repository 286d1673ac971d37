#pragma once

#include <quickfix/Application.h>
#include <quickfix/Log.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Responder.h>

#include <cstdint>
#include <string>
#include <vector>

#include "session/quickfix/control_plane.h"

// What a FIX::Session calls back while one call into it runs. Everything is staged, nothing is done.
// C++14, inside the fence only.

namespace portcullis {
namespace session {
namespace quickfix {

// The callback interfaces of one FIX::Session. Every override is noexcept and catches: QuickFIX
// declares throw() lists, and whatever else leaves them ends the process.
class Staging : public FIX::MessageStore, public FIX::Log, public FIX::Responder, public FIX::Application {
 public:
  explicit Staging(const SessionSettings& settings) : settings_(settings) {}
  ~Staging() override = default;

  // Starts a call. `logon` (of ours) and `frame` (inbound) are borrowed until finish() and may be null.
  void begin(const Numbers& numbers, std::int64_t now_ns, const LogonRequest* logon, const Frame* frame);
  Staged finish();

  // FIX::MessageStore
  bool set(int seq, const std::string& bytes) noexcept override;
  // Nothing: a valid ResendRequest(2) never reaches QuickFIX.
  void get(int, int, std::vector<std::string>&) const noexcept override {}
  int getNextSenderMsgSeqNum() const noexcept override { return static_cast<int>(staged_.numbers.next_sender); }
  int getNextTargetMsgSeqNum() const noexcept override { return static_cast<int>(staged_.numbers.next_target); }
  void setNextSenderMsgSeqNum(int value) noexcept override;
  void setNextTargetMsgSeqNum(int value) noexcept override;
  void incrNextSenderMsgSeqNum() noexcept override { ++staged_.numbers.next_sender; }
  void incrNextTargetMsgSeqNum() noexcept override { ++staged_.numbers.next_target; }
  // Always one hour after the time it is compared with, so that the session's range never ends.
  FIX::UtcTimeStamp getCreationTime() const noexcept override;
  void reset() noexcept override;
  void refresh() noexcept override {}

  // FIX::Log
  void clear() noexcept override {}
  void backup() noexcept override {}
  void onIncoming(const std::string&) noexcept override {}
  void onOutgoing(const std::string&) noexcept override {}
  void onEvent(const std::string& text) noexcept override;

  // FIX::Responder
  bool send(const std::string& bytes) noexcept override;
  void disconnect() noexcept override { staged_.disconnect = true; }

  // FIX::Application
  void onCreate(const FIX::SessionID&) noexcept override {}
  void onLogon(const FIX::SessionID&) noexcept override {}
  void onLogout(const FIX::SessionID&) noexcept override {}
  void toAdmin(FIX::Message& message, const FIX::SessionID&) noexcept override;
  void toApp(FIX::Message& message, const FIX::SessionID&) noexcept override;
  void fromAdmin(const FIX::Message&, const FIX::SessionID&) noexcept override { staged_.accepted = true; }
  void fromApp(const FIX::Message&, const FIX::SessionID&) noexcept override {
    staged_.accepted = true;
    staged_.application = true;
  }

  void fail(const char* what) noexcept;
  void unreadable(const char* why) noexcept;

 private:
  void stamp(FIX::Message& message);
  void judge_target();
  void drop_unsent();

  const SessionSettings& settings_;  // of the ControlSession that owns this
  const LogonRequest* logon_ = nullptr;
  const Frame* frame_ = nullptr;
  Numbers before_;
  std::int64_t now_ns_ = 0;
  std::size_t sent_ = 0;        // messages handed to send() that were stored before
  bool sent_unstored_ = false;  // a message went to send() that has no number of its own
  Staged staged_;
};

// How a FIX::Session gets the two that it holds by pointer. It owns neither: destroy() does nothing.
class StagingStoreFactory : public FIX::MessageStoreFactory {
 public:
  explicit StagingStoreFactory(Staging& staging) : staging_(staging) {}
  FIX::MessageStore* create(const FIX::SessionID&) noexcept override { return &staging_; }
  void destroy(FIX::MessageStore*) noexcept override {}

 private:
  Staging& staging_;
};

class StagingLogFactory : public FIX::LogFactory {
 public:
  explicit StagingLogFactory(Staging& staging) : staging_(staging) {}
  FIX::Log* create() noexcept override { return &staging_; }
  FIX::Log* create(const FIX::SessionID&) noexcept override { return &staging_; }
  void destroy(FIX::Log*) noexcept override {}

 private:
  Staging& staging_;
};

}  // namespace quickfix
}  // namespace session
}  // namespace portcullis
