#include "session/quickfix/staging.h"

#include <quickfix/FixFields.h>
#include <quickfix/Message.h>

#include <exception>

namespace portcullis {
namespace session {
namespace quickfix {

namespace {

constexpr std::int64_t kNsPerSecond = 1000000000;
constexpr std::size_t kMaxEventLength = 512;

FIX::UtcTimeStamp utc(std::int64_t ns) {
  return FIX::UtcTimeStamp(static_cast<time_t>(ns / kNsPerSecond), static_cast<int>(ns % kNsPerSecond), 9);
}

// MsgType(35) of a frame that QuickFIX itself wrote: 8, 9 and 35 come first.
std::string msg_type_of(const std::string& bytes) {
  const std::size_t tag = bytes.find("\00135=");
  if (tag == std::string::npos) return std::string();
  const std::size_t begin = tag + 4;
  return bytes.substr(begin, bytes.find('\001', begin) - begin);
}

}  // namespace

void Staging::begin(const Numbers& numbers, std::int64_t now_ns, const LogonRequest* logon, const Frame* frame) {
  before_ = numbers;
  now_ns_ = now_ns;
  logon_ = logon;
  frame_ = frame;
  sent_ = 0;
  sent_unstored_ = false;
  staged_ = Staged();
  staged_.numbers = numbers;
}

Staged Staging::finish() {
  const bool reset_is_authorised =
      (frame_ != nullptr && frame_->authorised_reset) || (logon_ != nullptr && logon_->reset);
  if (sent_unstored_ && frame_ != nullptr && frame_->judged_only) {
    staged_.messages.clear();
    staged_.numbers = before_;
  } else if (sent_unstored_) {
    fail("QuickFIX answered a ResendRequest(2) that should not have reached it");
  }
  if (staged_.reset && !reset_is_authorised) {
    // Whatever was staged stands on numbers that nobody allowed to change.
    fail("QuickFIX reset the sequence numbers without being authorised to");
  }
  if (staged_.fault) {
    staged_.messages.clear();
    staged_.numbers = before_;
    staged_.reset = false;
    staged_.accepted = false;
    staged_.disconnect = true;
  } else {
    judge_target();
    drop_unsent();
  }
  logon_ = nullptr;
  frame_ = nullptr;
  return std::move(staged_);
}

// The target number moves only by one on the expected MsgSeqNum(34), by SequenceReset(4), or after an
// authorised reset. QuickFIX also moves it on a Logout(5) or a Reject(3) whose number is too high or
// too low, and then whatever is missing, perhaps a fill, would never be asked for again.
void Staging::judge_target() {
  if (staged_.reset || staged_.numbers.next_target == before_.next_target) return;
  if (frame_ != nullptr) {
    if (frame_->sequence_reset && staged_.numbers.next_target > before_.next_target) return;
    if (frame_->msg_seq_num == before_.next_target && staged_.numbers.next_target == before_.next_target + 1) return;
  }
  staged_.numbers.next_target = before_.next_target;
  staged_.target_undone = true;
}

// QuickFIX stores, and so numbers, some messages that it then does not send because the session is not
// logged on. Such a number would be a gap that the peer has to ask for; it is given back.
void Staging::drop_unsent() {
  if (sent_ > 0 || staged_.messages.empty()) return;
  staged_.numbers.next_sender = staged_.reset ? 1 : before_.next_sender;
  staged_.messages.clear();
}

bool Staging::set(int seq, const std::string& bytes) noexcept {
  try {
    OutboundMessage message;
    message.seq = static_cast<std::uint64_t>(seq);
    message.msg_type = msg_type_of(bytes);
    message.bytes = bytes;
    staged_.messages.push_back(std::move(message));
    return true;
  } catch (const std::exception& error) {
    fail(error.what());
    return false;
  }
}

void Staging::setNextSenderMsgSeqNum(int value) noexcept {
  staged_.numbers.next_sender = value > 0 ? static_cast<std::uint64_t>(value) : before_.next_sender;
}

void Staging::setNextTargetMsgSeqNum(int value) noexcept {
  staged_.numbers.next_target = value > 0 ? static_cast<std::uint64_t>(value) : before_.next_target;
}

FIX::UtcTimeStamp Staging::getCreationTime() const noexcept {
  FIX::UtcTimeStamp time;
  time += 3600;
  return time;
}

void Staging::reset() noexcept {
  staged_.messages.clear();
  sent_ = 0;
  staged_.numbers = Numbers();
  staged_.reset = true;
}

void Staging::onEvent(const std::string& text) noexcept {
  if (staged_.events.size() >= kMaxEvents) return;
  try {
    staged_.events.push_back(text.substr(0, kMaxEventLength));
  } catch (const std::exception&) {
    staged_.fault = true;  // out of memory: finish() turns it into a disconnect
  }
}

bool Staging::send(const std::string& bytes) noexcept {
  if (!staged_.messages.empty() && staged_.messages.back().bytes == bytes) {
    ++sent_;
  } else {
    sent_unstored_ = true;
  }
  return true;
}

void Staging::toAdmin(FIX::Message& message, const FIX::SessionID&) noexcept {
  try {
    FIX::MsgType msg_type;
    message.getHeader().getField(msg_type);
    if (logon_ != nullptr && msg_type == FIX::MsgType_Logon) {
      if (logon_->reset) message.setField(FIX::ResetSeqNumFlag(true));
      for (const Field& field : logon_->fields) message.setField(field.first, field.second);
    }
    if (frame_ != nullptr && frame_->reply_next_expected != 0 && msg_type == FIX::MsgType_Logon) {
      message.setField(FIX::FIELD::NextExpectedMsgSeqNum, std::to_string(frame_->reply_next_expected));
    }
    stamp(message);
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

void Staging::toApp(FIX::Message& message, const FIX::SessionID&) noexcept {
  try {
    stamp(message);
  } catch (const std::exception& error) {
    fail(error.what());
  }
}

// QuickFIX has filled the header from the clock; the caller's time takes its place.
void Staging::stamp(FIX::Message& message) {
  const bool has_fraction = settings_.begin_string >= "FIX.4.2";
  message.getHeader().setField(FIX::SendingTime(utc(now_ns_), has_fraction ? settings_.timestamp_precision : 0));
  for (const Field& field : settings_.header_fields) message.getHeader().setField(field.first, field.second);
}

void Staging::fail(const char* what) noexcept {
  onEvent(what);
  staged_.fault = true;
}

void Staging::unreadable(const char* why) noexcept {
  onEvent(why);
  staged_.unreadable = true;
}

}  // namespace quickfix
}  // namespace session
}  // namespace portcullis
