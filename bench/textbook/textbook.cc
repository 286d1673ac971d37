#include "bench/textbook/textbook.h"

#include <quickfix/Application.h>
#include <quickfix/FileStore.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Session.h>
#include <quickfix/SessionSettings.h>
#include <quickfix/SocketAcceptor.h>
#include <quickfix/SocketInitiator.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>
#include <sstream>
#include <unordered_map>

namespace portcullis {
namespace bench {
namespace {

// The acceptor and the initiator each have a thread, so what they share has a lock.
class Router : public FIX::Application {
 public:
  void onCreate(const FIX::SessionID&) override {}
  void onLogon(const FIX::SessionID&) override {}
  void onLogout(const FIX::SessionID&) override {}
  void toAdmin(FIX::Message&, const FIX::SessionID&) override {}
  void toApp(FIX::Message&, const FIX::SessionID&) throw(FIX::DoNotSend) override {}
  void fromAdmin(const FIX::Message&, const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                                   FIX::IncorrectTagValue, FIX::RejectLogon) override {}
  void fromApp(const FIX::Message& message,
               const FIX::SessionID& session) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                    FIX::IncorrectTagValue, FIX::UnsupportedMessageType) override {
    const std::string type = message.getHeader().getField(FIX::FIELD::MsgType);
    const std::string cl_ord_id = message.getField(FIX::FIELD::ClOrdID);
    FIX::Message onward(message);
    if (type == FIX::MsgType_NewOrderSingle) {
      onward.setField(FIX::FIELD::ClOrdID, remember(cl_ord_id, session));
      FIX::Session::sendToTarget(onward, broker_);
    } else if (type == FIX::MsgType_ExecutionReport) {
      const Order order = find(cl_ord_id);
      onward.setField(FIX::FIELD::ClOrdID, order.cl_ord_id);
      FIX::Session::sendToTarget(onward, order.client);
    } else {
      throw FIX::UnsupportedMessageType();
    }
  }

 private:
  struct Order {
    std::string cl_ord_id;
    FIX::SessionID client;
  };

  std::string remember(const std::string& cl_ord_id, const FIX::SessionID& client) {
    const std::lock_guard<std::mutex> guard(mutex_);
    const std::string ours = "T" + std::to_string(++count_);
    orders_[ours] = Order{cl_ord_id, client};
    return ours;
  }
  Order find(const std::string& ours) {
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto found = orders_.find(ours);
    if (found == orders_.end()) throw FIX::IncorrectTagValue(FIX::FIELD::ClOrdID);
    return found->second;
  }

  const FIX::SessionID broker_{"FIX.4.4", "PORTCULLIS", "NORTHBANK"};
  std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::unordered_map<std::string, Order> orders_;
};

}  // namespace

std::string textbook_settings(const TextbookSettings& settings, TextbookSide side) {
  // QuickFIX resets a session at the boundary of its schedule, and knows none without one: a week that began yesterday
  // keeps the boundary away.
  static const char* const kDays[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
  const std::time_t now = std::time(nullptr);
  std::tm utc;
  gmtime_r(&now, &utc);
  std::ostringstream text;
  text << "[DEFAULT]\n"
       << "BeginString=FIX.4.4\n"
       << "SenderCompID=PORTCULLIS\n"
       << "StartDay=" << kDays[(utc.tm_wday + 6) % 7] << "\nEndDay=" << kDays[(utc.tm_wday + 5) % 7] << "\n"
       << "StartTime=00:00:00\nEndTime=23:59:59\n"
       << "HeartBtInt=30\n"
       << "UseDataDictionary=Y\n"
       << "DataDictionary=" << settings.dictionary << "\n"
       << "ResetOnLogon=Y\n"
       << "SocketNodelay=Y\n";
  if (!settings.store.empty()) text << "FileStorePath=" << settings.store << "\n";
  if (side == TextbookSide::kAcceptor) {
    text << "[SESSION]\n"
         << "ConnectionType=acceptor\n"
         << "TargetCompID=ALPHA\n"
         << "SocketAcceptPort=" << settings.listen << "\n";
  } else {
    text << "[SESSION]\n"
         << "ConnectionType=initiator\n"
         << "TargetCompID=NORTHBANK\n"
         << "SocketConnectHost=127.0.0.1\n"
         << "SocketConnectPort=" << settings.connect << "\n"
         << "ReconnectInterval=1\n";
  }
  return text.str();
}

int run_textbook(const TextbookSettings& settings) {
  try {
    std::istringstream near(textbook_settings(settings, TextbookSide::kAcceptor));
    std::istringstream far(textbook_settings(settings, TextbookSide::kInitiator));
    FIX::SessionSettings clients(near);
    FIX::SessionSettings brokers(far);
    Router router;
    std::unique_ptr<FIX::MessageStoreFactory> store;
    if (settings.store.empty()) {
      store.reset(new FIX::MemoryStoreFactory());
    } else {
      store.reset(new FIX::FileStoreFactory(settings.store));
    }
    // Without a log factory: QuickFIX's file log would double its cost.
    FIX::SocketInitiator initiator(router, *store, brokers);
    FIX::SocketAcceptor acceptor(router, *store, clients);
    acceptor.start();
    initiator.start();
    for (;;) ::pause();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "textbook gateway: %s\n", error.what());
    return 1;
  }
}

}  // namespace bench
}  // namespace portcullis
