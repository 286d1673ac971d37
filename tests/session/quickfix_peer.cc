#include "tests/session/quickfix_peer.h"

#include <quickfix/Application.h>
#include <quickfix/DataDictionaryProvider.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Responder.h>
#include <quickfix/Session.h>

#include <atomic>
#include <utility>

namespace portcullis {
namespace session {
namespace test {

class QuickFixPeer::Impl : public FIX::NullApplication, public FIX::Responder {
 public:
  explicit Impl(const Settings& settings) {
    static std::atomic<int> counter{0};
    FIX::DataDictionaryProvider dictionaries;
    ptr::shared_ptr<FIX::DataDictionary> dictionary(new FIX::DataDictionary(settings.dictionary_path));
    dictionary->checkUserDefinedFields(false);
    dictionaries.addTransportDataDictionary(FIX::BeginString(settings.begin_string), dictionary);
    const FIX::SessionID id(settings.begin_string, settings.comp_id, settings.gateway_comp_id,
                            "peer-" + std::to_string(++counter));
    session_.reset(new FIX::Session(*this, stores_, id, dictionaries,
                                    FIX::TimeRange(FIX::UtcTimeOnly(0, 0, 0), FIX::UtcTimeOnly(0, 0, 0)),
                                    settings.initiator ? settings.heart_bt_int_s : 0, nullptr));
    session_->setCheckLatency(false);
  }

  bool send(const std::string& bytes) override {
    out_.push_back(bytes);
    return true;
  }
  void disconnect() override { wants_disconnect_ = true; }

  void fromApp(const FIX::Message& message, const FIX::SessionID&) noexcept override { received_.push_back(message); }

  FIX::MemoryStoreFactory stores_;
  std::unique_ptr<FIX::Session> session_;
  std::vector<std::string> out_;
  std::vector<FIX::Message> received_;
  bool wants_disconnect_ = false;
};

QuickFixPeer::QuickFixPeer(const Settings& settings) : impl_(new Impl(settings)) {}
QuickFixPeer::~QuickFixPeer() = default;

void QuickFixPeer::connected() {
  impl_->out_.clear();
  impl_->wants_disconnect_ = false;
  impl_->session_->setResponder(impl_.get());
  impl_->session_->logon();
  impl_->session_->next();
}

void QuickFixPeer::disconnected() {
  impl_->session_->disconnect();
  impl_->out_.clear();
}

bool QuickFixPeer::logged_on() const {
  return impl_->session_->isLoggedOn();
}
bool QuickFixPeer::wants_disconnect() const {
  return impl_->wants_disconnect_;
}

void QuickFixPeer::receive(const std::string& frame) {
  impl_->session_->next(frame, FIX::UtcTimeStamp());
}

std::vector<std::string> QuickFixPeer::take() {
  return std::exchange(impl_->out_, std::vector<std::string>());
}

void QuickFixPeer::send(const std::string& msg_type, const std::string& fields) {
  FIX::Message message;
  message.getHeader().setField(FIX::MsgType(msg_type));
  std::size_t at = 0;
  while (at < fields.size()) {
    const std::size_t equals = fields.find('=', at);
    const std::size_t end = fields.find('|', equals);
    message.setField(std::stoi(fields.substr(at, equals - at)), fields.substr(equals + 1, end - equals - 1));
    at = end + 1;
  }
  impl_->session_->send(message);
}

void QuickFixPeer::send_test_request() {
  send("1", "112=now|");
}

std::vector<std::string> QuickFixPeer::received(int tag) const {
  std::vector<std::string> values;
  for (const FIX::Message& message : impl_->received_) values.push_back(message.getField(tag));
  return values;
}

int QuickFixPeer::next_sender() const {
  return impl_->session_->getExpectedSenderNum();
}
int QuickFixPeer::next_target() const {
  return impl_->session_->getExpectedTargetNum();
}
void QuickFixPeer::set_next_sender(int value) {
  impl_->session_->setNextSenderMsgSeqNum(value);
}

}  // namespace test
}  // namespace session
}  // namespace portcullis
