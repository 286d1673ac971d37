#include "sim/quickfix/engine.h"

#include <ctime>
#include <exception>

#include "Application.h"
#include "FileStore.h"
#include "Log.h"
#include "MessageStore.h"
#include "Session.h"
#include "SessionSettings.h"
#include "SocketInitiator.h"
#include "sim/quickfix/listener.h"

namespace portcullis {
namespace sim {
namespace {

Message from_quickfix(const FIX::Message& source) {
  Message message;
  const FIX::Header& header = source.getHeader();
  message.msg_type = header.getField(FIX::FIELD::MsgType);
  message.seq = std::stol(header.getField(FIX::FIELD::MsgSeqNum));
  message.poss_dup = header.isSetField(FIX::FIELD::PossDupFlag) && header.getField(FIX::FIELD::PossDupFlag) == "Y";
  message.poss_resend = header.isSetField(FIX::FIELD::PossResend) && header.getField(FIX::FIELD::PossResend) == "Y";
  for (FIX::FieldMap::const_iterator field = source.begin(); field != source.end(); ++field) {
    message.fields.emplace_back(field->getTag(), field->getString());
  }
  return message;
}

class EventLog : public FIX::Log {
 public:
  explicit EventLog(EngineHandler& handler) : handler_(handler) {}
  void clear() override {}
  void backup() override {}
  void onIncoming(const std::string&) override {}
  void onOutgoing(const std::string&) override {}
  void onEvent(const std::string& text) override { handler_.on_event(text); }

 private:
  EngineHandler& handler_;
};

class EventLogFactory : public FIX::LogFactory {
 public:
  explicit EventLogFactory(EngineHandler& handler) : handler_(handler) {}
  FIX::Log* create() override { return new EventLog(handler_); }
  FIX::Log* create(const FIX::SessionID&) override { return new EventLog(handler_); }
  void destroy(FIX::Log* log) override { delete log; }

 private:
  EngineHandler& handler_;
};

// Nothing but QuickFIX's own exceptions may leave these overrides: anything else ends the process. What can fail
// here is a message without a readable header, which QuickFIX has refused before; it is reported all the same.
class Bridge : public FIX::Application {
 public:
  Bridge(const EngineSettings& settings, EngineHandler& handler) : settings_(settings), handler_(handler) {}

  void onCreate(const FIX::SessionID&) override {}
  void onLogon(const FIX::SessionID&) override { handler_.on_logon(); }
  void onLogout(const FIX::SessionID&) override { handler_.on_logout(); }
  void toAdmin(FIX::Message& message, const FIX::SessionID&) override {
    std::string type = message.getHeader().getField(FIX::FIELD::MsgType);
    if (type != "A") return;
    if (!settings_.username.empty()) message.setField(FIX::FIELD::Username, settings_.username);
    if (!settings_.password.empty()) message.setField(FIX::FIELD::Password, settings_.password);
  }
  void fromAdmin(const FIX::Message& message, const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                                           FIX::IncorrectTagValue,
                                                                           FIX::RejectLogon) override {
    // A session-level Reject(3) answers one of our messages, so the models must see it.
    if (message.getHeader().getField(FIX::FIELD::MsgType) == "3") receive(message);
  }
  void toApp(FIX::Message& message, const FIX::SessionID&) throw(FIX::DoNotSend) override {
    try {
      handler_.on_sending(from_quickfix(message));
    } catch (const std::exception& error) {
      handler_.on_event(std::string("an outgoing message could not be read: ") + error.what());
    }
  }
  void fromApp(const FIX::Message& message, const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                                         FIX::IncorrectTagValue,
                                                                         FIX::UnsupportedMessageType) override {
    receive(message);
  }

 private:
  void receive(const FIX::Message& message) {
    try {
      handler_.on_received(from_quickfix(message));
    } catch (const std::exception& error) {
      handler_.on_event(std::string("an incoming message could not be read: ") + error.what());
    }
  }

  const EngineSettings& settings_;
  EngineHandler& handler_;
};

// QuickFIX resets a session at the boundary of its schedule, and knows no session without one. A weekly one that
// began yesterday keeps the boundary six days away.
void set_schedule(FIX::Dictionary& dictionary) {
  static const char* const kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  const std::time_t now = std::time(nullptr);
  std::tm utc;
  gmtime_r(&now, &utc);
  dictionary.setString(FIX::START_TIME, "00:00:00");
  dictionary.setString(FIX::END_TIME, "23:59:59");
  dictionary.setString(FIX::START_DAY, kDays[(utc.tm_wday + 6) % 7]);
  dictionary.setString(FIX::END_DAY, kDays[(utc.tm_wday + 5) % 7]);
}

FIX::SessionSettings to_quickfix(const EngineSettings& settings, const FIX::SessionID& id) {
  FIX::Dictionary dictionary;
  set_schedule(dictionary);
  dictionary.setString(FIX::CONNECTION_TYPE, settings.acceptor ? "acceptor" : "initiator");
  dictionary.setString(FIX::USE_DATA_DICTIONARY, settings.dictionary.empty() ? "N" : "Y");
  if (!settings.dictionary.empty()) dictionary.setString(FIX::DATA_DICTIONARY, settings.dictionary);
  if (!settings.store_dir.empty()) dictionary.setString(FIX::FILE_STORE_PATH, settings.store_dir);
  dictionary.setString(FIX::RESET_ON_LOGON, settings.reset_on_logon ? "Y" : "N");
  dictionary.setString(FIX::SOCKET_NODELAY, "Y");
  if (settings.acceptor) {
    dictionary.setInt(FIX::SOCKET_ACCEPT_PORT, settings.port);
  } else {
    dictionary.setInt(FIX::HEARTBTINT, settings.heartbeat_s);
    dictionary.setString(FIX::SOCKET_CONNECT_HOST, settings.host);
    dictionary.setInt(FIX::SOCKET_CONNECT_PORT, settings.port);
  }
  FIX::Dictionary defaults;  // the initiator reads this one from the defaults only
  defaults.setInt(FIX::RECONNECT_INTERVAL, settings.reconnect_s);
  FIX::SessionSettings result;
  result.set(defaults);
  result.set(id, dictionary);
  return result;
}

class QuickFixEngine : public Engine {
 public:
  QuickFixEngine(const EngineSettings& settings, EngineHandler& handler)
      : settings_(settings),
        handler_(handler),
        id_(settings.begin_string, settings.sender_comp_id, settings.target_comp_id),
        logs_(handler),
        bridge_(settings_, handler) {
    const FIX::SessionSettings quickfix_settings = to_quickfix(settings_, id_);
    if (settings_.store_dir.empty()) {
      stores_.reset(new FIX::MemoryStoreFactory());
    } else {
      stores_.reset(new FIX::FileStoreFactory(quickfix_settings));
    }
    if (settings_.acceptor) {
      listener_.reset(new Listener(bridge_, *stores_, quickfix_settings, logs_, settings_.host, settings_.port));
      listener_->start();
    } else {
      initiator_.reset(new FIX::SocketInitiator(bridge_, *stores_, quickfix_settings, logs_));
      initiator_->start();
    }
  }
  ~QuickFixEngine() override { stop(); }

  std::uint16_t port() const override { return listener_ ? listener_->port() : settings_.port; }
  bool logged_on() const override {
    FIX::Session* session = FIX::Session::lookupSession(id_);
    return session != nullptr && session->isLoggedOn();
  }
  long next_sender_seq() const override {
    FIX::Session* session = FIX::Session::lookupSession(id_);
    return session == nullptr ? 0 : session->getExpectedSenderNum();
  }

  long send(const Message& message) override {
    FIX::Message out;
    out.getHeader().setField(FIX::FIELD::MsgType, message.msg_type);
    if (message.poss_resend) out.getHeader().setField(FIX::FIELD::PossResend, "Y");
    for (const auto& field : message.fields) out.setField(field.first, field.second);
    try {
      FIX::Session::sendToTarget(out, id_);
      return std::stol(out.getHeader().getField(FIX::FIELD::MsgSeqNum));
    } catch (const std::exception& error) {
      handler_.on_event(std::string("the session refused a message to send: ") + error.what());
      return 0;
    }
  }

  void stop() override {
    if (stopped_) return;
    stopped_ = true;
    if (listener_) listener_->stop();
    if (initiator_) initiator_->stop();
  }

 private:
  const EngineSettings settings_;
  EngineHandler& handler_;
  const FIX::SessionID id_;
  EventLogFactory logs_;
  Bridge bridge_;
  std::unique_ptr<FIX::MessageStoreFactory> stores_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<FIX::SocketInitiator> initiator_;
  bool stopped_ = false;
};

}  // namespace

std::unique_ptr<Engine> start_engine(const EngineSettings& settings, EngineHandler& handler, std::string& error) {
  try {
    return std::unique_ptr<Engine>(new QuickFixEngine(settings, handler));
  } catch (const std::exception& problem) {
    error = problem.what();
    return nullptr;
  }
}

}  // namespace sim
}  // namespace portcullis
