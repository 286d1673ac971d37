#include "gateway/messages_ahead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/session/count_allocations.h"
#include "tests/session/order_way.h"

// Who looks at the messages that wait decides nothing by them: two gateways take the same messages, and one of them
// looks ahead, at what follows and at anything else that might stand there.

namespace portcullis::gateway::testing {
namespace {

class MessagesAheadTest : public ::testing::Test {
 protected:
  // One gateway with its two lines.
  struct Side {
    Gateway gateway{roomy()};
    Line client{gateway, gateway.core().client_session("alpha")};
    Line broker{gateway, gateway.core().broker_session("northbank")};
    std::uint64_t client_seq = client.first();
    std::uint64_t broker_seq = broker.first();
  };
  static SessionId session_of(const Side& side, bool broker) {
    Core& core = const_cast<Side&>(side).gateway.core();
    return broker ? core.broker_session("northbank") : core.client_session("alpha");
  }
  static std::string take(Side& side, bool broker, std::string_view frame) {
    const std::span<const std::byte> record =
        broker ? side.broker.take(frame, side.broker_seq++) : side.client.take(frame, side.client_seq++);
    return {reinterpret_cast<const char*>(record.data()), record.size()};
  }
  // The frames as one read brings them; what the client or the broker is sent for them.
  template <typename Follow>
  std::vector<Sent> take_batch(bool broker, const std::vector<std::string>& frames, Follow&& follow) {
    std::string received;
    for (const std::string& frame : frames) received += frame;
    std::size_t at = 0;
    std::vector<Sent> sent;
    for (const std::string& frame : frames) {
      at += frame.size();
      follow(session_of(looks_, broker), broker ? of_broker_ : of_client_, std::string_view(received).substr(at));
      const std::string without = take(plain_, broker, frame);
      const std::string with = take(looks_, broker, frame);
      EXPECT_EQ(with, without) << frame;
      RecordView::parse(std::as_bytes(std::span(with)))->for_each_outbound([&](const OutboundView& message) {
        sent.push_back(parse("", message.bytes));
      });
    }
    return sent;
  }
  std::vector<std::string> orders(int count) {
    std::vector<std::string> frames;
    for (int i = 0; i < count; ++i) {
      const std::string body = "35=D|11=ORDER-" + std::to_string(placed_++) +
                               "|1=ALPHA-1|55=EUR/USD|54=1|38=10000|40=2|44=1.1010|59=0|60=20261123-12:00:00.000|";
      frames.push_back(looks_.client.frame(body));
      plain_.client.frame(body);  // its numbers go on alike
    }
    return frames;
  }
  // An acknowledgement and a fill for each order, and for every third one a cancel that crosses the fill.
  std::vector<std::string> reports(const std::vector<Sent>& routed) {
    std::vector<std::string> frames;
    for (const char type : {'0', 'F'}) {
      for (const Sent& order : routed) {
        const std::string number = std::to_string(reported_++);
        const std::string body =
            "35=8|37=N" + order[11] + "|11=" + order[11] + "|17=E" + number + "|150=" + type +
            (type == '0' ? "|39=0|55=EUR/USD|54=1|38=10000|14=0|151=10000|6=0|"
                         : "|39=2|55=EUR/USD|54=1|38=10000|32=10000|31=1.1005|14=10000|151=0|6=1.1005|");
        frames.push_back(looks_.broker.frame(body));
        plain_.broker.frame(body);
      }
    }
    return frames;
  }
  std::vector<std::string> cancels(int first, int count) {
    std::vector<std::string> frames;
    for (int i = first; i < first + count; ++i) {
      const std::string body = "35=F|11=CANCEL-" + std::to_string(i) + "|41=ORDER-" + std::to_string(i) +
                               "|55=EUR/USD|54=1|38=10000|60=20261123-12:00:00.000|";
      frames.push_back(looks_.client.frame(body));
      plain_.client.frame(body);
    }
    return frames;
  }
  template <typename Follow>
  void trade(int rounds, int batch, Follow&& follow) {
    for (int round = 0; round < rounds && !HasFailure(); ++round) {
      const std::vector<Sent> routed = take_batch(false, orders(batch), follow);
      ASSERT_EQ(routed.size(), static_cast<std::size_t>(batch));
      take_batch(false, cancels(placed_ - batch, batch / 3), follow);
      take_batch(true, reports(routed), follow);
    }
  }

  Side plain_;
  Side looks_;
  MessagesAhead of_client_;
  MessagesAhead of_broker_;
  int placed_ = 0;
  int reported_ = 0;
};

TEST_F(MessagesAheadTest, ChangesNothingAndAllocatesNothing) {
  std::size_t allocated = 0;
  std::size_t looks = 0;
  // Enough for the indexes to grow more than once, so that it also looks while they do.
  trade(300, 24, [&](SessionId session, MessagesAhead& ahead, std::string_view unread) {
    if (unread.empty()) return;
    const std::size_t before = session::test::allocations();
    ahead.look(looks_.gateway.state(), session, unread, true);
    allocated += session::test::allocations() - before;
    ++looks;
  });
  EXPECT_GT(looks, 20'000u);
  EXPECT_EQ(allocated, 0u);
  EXPECT_EQ(looks_.gateway.state().executions.size(), plain_.gateway.state().executions.size());
}

TEST_F(MessagesAheadTest, LooksAtAnythingThatMayStandThere) {
  trade(3, 4, [&](SessionId session, MessagesAhead& ahead, std::string_view unread) {
    const State& state = looks_.gateway.state();
    // Cut anywhere, each part in memory of its own size.
    for (std::size_t size = 0; size < unread.size(); size += 3) {
      const std::string part(unread.substr(0, size));
      ahead.look(state, session, part, true);
      ahead.look(state, session, part, true);
    }
    std::string damaged(unread);
    for (char& byte : damaged) {
      for (const char other : {'\0', '\x01', '9', '=', '\xff'}) {
        const char was = std::exchange(byte, other);
        ahead.look(state, session, damaged, true);
        byte = was;
      }
    }
    // The same place holds another message than the one that it was looked at for.
    std::string place(unread);
    ahead.look(state, session, place, true);
    std::reverse(place.begin(), place.end());
    ahead.look(state, session, place, true);
    ahead.look(state, session, std::string_view(place).substr(0, place.size() / 2), true);
  });
}

TEST_F(MessagesAheadTest, LooksAtIdsThatWereNeverGiven) {
  const std::vector<std::string> bodies = {"35=8|37=N|11=LDN1R0000001ZZZZZZZZZZZZ|17=E|150=0|",
                                           "35=8|37=N|11=LDN1R00000010|17=E|150=0|",
                                           "35=8|11=LDN1R|17=|",
                                           "35=8|11=|17=E|",
                                           "35=F|11=A|41=NOBODY|",
                                           "35=G|11=A|41=|",
                                           "35=F|11=A|"};
  trade(1, 4, [&](SessionId session, MessagesAhead& ahead, std::string_view) {
    std::string unread;
    for (const std::string& body : bodies) unread += frame("FIX.4.4", "A", "B", 1, looks_.gateway.now(), body);
    std::size_t at = 0;
    while (at < unread.size()) {
      ahead.look(looks_.gateway.state(), session, std::string_view(unread).substr(at), true);
      at += fix::likely_size(std::string_view(unread).substr(at));
    }
  });
}

}  // namespace
}  // namespace portcullis::gateway::testing
