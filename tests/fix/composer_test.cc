#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fix/decode.h"
#include "tests/fix/dialects.h"
#include "tests/fix/plain_composer.h"

// What is rendered by plans is what is rendered without, byte for byte, over orders and reports that nobody wrote by
// hand: of both versions, to dialects that map, add, drop and are precise in different ways.

namespace portcullis::fix {
namespace {

using Random = std::mt19937_64;

std::vector<Dialect> dialects() {
  std::vector<Dialect> all;
  for (const FixVersion version : {FixVersion::kFix42, FixVersion::kFix44}) {
    all.push_back(dialect_of(version));
    DialectSettings settings = settings_of(version);
    settings.symbols = {{"EUR/USD", "EURUSD"}, {"GBP/USD", "cable"}};
    settings.accounts = {{"ALPHA-1", "A very long name of an account, of more than 32 bytes"}};
    settings.add = {{21, "2"}, {18, "G"}, {100, "XLON"}, {5005, "user"}, {9702, "1"}, {15, "EUR"}};
    settings.drop = {58, 59, 110, 453, 5001, 64, 1, 198};
    settings.time_precision = TimePrecision::kNanoseconds;
    settings.avg_px_decimals = 4;
    all.push_back(dialect_of(settings));
    settings.drop = {};
    settings.add = {};
    settings.user_defined_tags = false;
    settings.time_precision = TimePrecision::kSeconds;
    all.push_back(dialect_of(settings));
    settings.time_precision = TimePrecision::kMicroseconds;
    settings.our_comp_id = std::string(70, 'X');
    all.push_back(dialect_of(settings));
  }
  return all;
}

// Fields as a client or a broker may send them, some of them not valid, some of them in no version's message.
std::string random_body(Random& random, const char* type) {
  constexpr const char* kFields[] = {"1=ALPHA-1|",
                                     "1=ALPHA-2|",
                                     "6=1.2345678|",
                                     "11=A-very-long-client-order-id-of-some-40-bytes|",
                                     "11=A1|",
                                     "14=100|",
                                     "15=EUR|",
                                     "15=USD|",
                                     "17=E1|",
                                     "18=G 6|",
                                     "18=?|",
                                     "20=0|",
                                     "21=1|",
                                     "21=3|",
                                     "30=XLON|",
                                     "31=1.1|",
                                     "32=100.125|",
                                     "37=B1|",
                                     "38=1000000|",
                                     "38=123.456|",
                                     "39=2|",
                                     "39=1|",
                                     "40=1|",
                                     "40=2|",
                                     "44=1.10015|",
                                     "44=0.00000001|",
                                     "54=1|",
                                     "54=2|",
                                     "55=EUR/USD|",
                                     "55=GBP/USD|",
                                     "55=USD/JPY|",
                                     "58=some text for the other side, and it is long|",
                                     "59=0|",
                                     "59=6|",
                                     "60=20261122-12:00:00.123|",
                                     "60=20261122-12:00:00|",
                                     "63=0|",
                                     "63=Z|",
                                     "64=20261124|",
                                     "64=none|",
                                     "78=2|79=X|80=5|79=Y|80=6|",
                                     "78=2|79=X|",
                                     "99=1.09|",
                                     "103=0|",
                                     "110=5|",
                                     "126=20261122-13:00:00|",
                                     "150=F|",
                                     "150=2|",
                                     "151=0|",
                                     "167=FOR|",
                                     "193=20261201|",
                                     "198=other|",
                                     "354=3|355=a|b|",
                                     "355=lonely|",
                                     "354=3|",
                                     "382=1|375=X|",
                                     "386=1|336=2|",
                                     "432=20261130|",
                                     "453=2|448=X|447=D|452=1|802=1|523=S|803=1|448=Y|447=D|452=3|",
                                     "453=1|448=X|",
                                     "527=S1|",
                                     "640=1.2|",
                                     "847=1|",
                                     "911=4|",
                                     "1023=1|",
                                     "1024=1|",
                                     "1300=5|",
                                     "4999=1|",
                                     "5001=u|",
                                     "5002=|",
                                     "70001=far|",
                                     "95=4|96=|||=|"};
  std::string body = head(type);
  for (auto count = random() % 24; count > 0; --count) body += kFields[random() % std::size(kFields)];
  return body;
}

class Texts {
 public:
  explicit Texts(Random& random) : random_(random) {}
  std::string_view operator()(std::size_t longest = 63) {
    static const std::string kLetters = [] {
      std::string text;
      for (int i = 0; i < 100; ++i) text += static_cast<char>('!' + i % 90);
      return text;
    }();
    return std::string_view(kLetters).substr(random_() % 10, random_() % (longest + 1));
  }

 private:
  Random& random_;
};

template <typename Scaled>
Scaled any(Random& random) {
  const auto raw = static_cast<std::int64_t>(random());
  switch (random() % 4) {
    case 0:
      return Scaled::from_raw(raw);
    case 1:
      return Scaled::from_raw(raw % 1'000'000'000'000);
    case 2:
      return Scaled::of(raw % 10'000'000);
    default:
      return Scaled();
  }
}

order::Terms terms_of(Random& random) {
  order::Terms terms;
  terms.order_qty = any<Quantity>(random);
  terms.price = any<Price>(random);
  terms.stop_px = any<Price>(random);
  terms.has_price = random() % 2 == 0;
  terms.has_stop_px = random() % 4 == 0;
  terms.expire_date = random() % 4 == 0 ? static_cast<std::int32_t>(20'000 + random() % 5'000) : 0;
  if (random() % 4 == 0)
    terms.expire_time = UtcTime::from_ns(static_cast<std::int64_t>(random() % 9'000'000'000) * 1'000'000'123);
  terms.ord_type = static_cast<order::OrdType>("1234D"[random() % 5]);
  terms.time_in_force = static_cast<order::TimeInForce>("012346"[random() % 6]);
  return terms;
}

class Rendered {
 public:
  template <typename Message>
  void expect_alike(const Dialect& dialect, Random& random, const Message& message) {
    const std::uint64_t seq = random() >> random() % 64 >> 1;
    const UtcTime now =
        UtcTime::from_ns(1'795'000'000'000'000'000 + static_cast<std::int64_t>(random() % 4'000'000'000));
    const std::string_view expected = render_plainly(dialect, seq, now, message, plain_);
    const std::string_view actual = render(dialect, seq, now, message, quick_);
    ASSERT_EQ(readable(actual), readable(expected));
    if (actual.empty()) {
      ++empty_;
      return;
    }
    ++written_;
    // Room that is too little is no message, and no byte behind it is touched.
    const std::size_t less = random() % actual.size();
    const auto tight = std::make_unique<char[]>(less);
    ASSERT_EQ(render(dialect, seq, now, message, {tight.get(), less}), "");
  }
  int written() const { return written_; }
  int empty() const { return empty_; }

 private:
  std::vector<char> plain_ = std::vector<char>(1 << 17);
  std::vector<char> quick_ = std::vector<char>(1 << 17);
  int written_ = 0;
  int empty_ = 0;
};

template <typename Order>
Order order_of(Random& random, Texts& text, const order::MessageFields& fields) {
  Order order;
  order.cl_ord_id = text();
  order.account = random() % 2 == 0 ? "ALPHA-1" : text(31);
  order.symbol = random() % 2 == 0 ? "EUR/USD" : text(31);
  order.currency = text(3);
  order.side = static_cast<order::Side>("1256"[random() % 4]);
  order.terms = terms_of(random);
  order.cash_order_qty = random() % 4 == 0;
  if (random() % 2 == 0) order.transact_time = UtcTime::from_ns(1'795'000'000'123'456'789);
  order.fields = fields;
  return order;
}

order::OutboundExecutionReport report_of(Random& random, Texts& text, const order::MessageFields& fields) {
  order::OutboundExecutionReport report;
  report.order_id = text();
  report.secondary_order_id = text();
  report.exec_id = text();
  report.secondary_exec_id = text();
  report.exec_ref_id = random() % 4 == 0 ? text() : std::string_view();
  report.cl_ord_id = text();
  report.orig_cl_ord_id = random() % 4 == 0 ? text() : std::string_view();
  report.account = text(31);
  report.symbol = random() % 2 == 0 ? "GBP/USD" : text(31);
  report.currency = text(3);
  report.text = text(80);
  report.side = static_cast<order::Side>("1256"[random() % 4]);
  report.exec_type = static_cast<order::ExecType>("03456789ABCDEFGHIL"[random() % 18]);
  report.ord_status = static_cast<order::OrdStatus>("0123456789ABCDE"[random() % 15]);
  report.terms = terms_of(random);
  report.cash_order_qty = random() % 4 == 0;
  report.last_qty = any<Quantity>(random);
  report.last_px = any<Price>(random);
  report.has_last = random() % 2 == 0;
  report.cum_qty = any<Quantity>(random);
  report.leaves_qty = any<Quantity>(random);
  report.value = Wide{static_cast<std::int64_t>(random() >> 2)} * static_cast<std::int64_t>(random() % 1'000'000);
  if (random() % 4 == 0) report.reject = order::RejectCode::kCollar;
  report.ord_rej_reason = static_cast<std::int32_t>(random() % 120) - 1;
  report.exec_restatement_reason = static_cast<std::int32_t>(random() % 20) - 1;
  if (random() % 2 == 0) report.transact_time = UtcTime::from_ns(1'795'000'001'123'456'789);
  report.fields = fields;
  return report;
}

TEST(Composer, WritesWhatThePlainOneWrites) {
  Random random(4'711);
  Texts text(random);
  const std::vector<Dialect> all = dialects();
  Rendered rendered;
  for (int round = 0; round < 4'000; ++round) {
    const Dialect& dialect = all[random() % all.size()];
    const FixVersion version = random() % 2 == 0 ? FixVersion::kFix42 : FixVersion::kFix44;
    const char* const types[] = {"D", "8", "F", "G", "9"};
    const std::string frame =
        framed(version == FixVersion::kFix42 ? "FIX.4.2" : "FIX.4.4", random_body(random, types[random() % 5]));
    const auto source = std::make_unique<ScannedMessage>();
    bool fault = static_cast<bool>(scan(frame, *source));
    // Now and then so often that its layout is known, as that of a client's orders is.
    for (int more = random() % 2 == 0 ? 3 : 0; more > 0; --more) fault = static_cast<bool>(scan(frame, *source));
    // Up to the field that does not scan, the fields are good.
    const order::MessageFields fields = fault && random() % 2 == 0 ? order::MessageFields() : source->fields();
    rendered.expect_alike(dialect, random, order_of<order::OutboundNewOrder>(random, text, fields));
    auto replace = order_of<order::OutboundReplace>(random, text, fields);
    replace.orig_cl_ord_id = text();
    replace.order_id = text();
    rendered.expect_alike(dialect, random, replace);
    rendered.expect_alike(dialect, random, report_of(random, text, fields));
    order::OutboundCancel cancel;
    cancel.cl_ord_id = text();
    cancel.orig_cl_ord_id = text();
    cancel.symbol = text(31);
    cancel.order_qty = any<Quantity>(random);
    cancel.fields = fields;
    rendered.expect_alike(dialect, random, cancel);
    order::OutboundCancelReject reject;
    reject.order_id = "NONE";
    reject.cl_ord_id = text();
    reject.cxl_rej_reason = static_cast<std::int32_t>(random() % 10) - 1;
    reject.reject = order::RejectCode::kUnknownOrder;
    reject.text = text();
    reject.fields = fields;
    rendered.expect_alike(dialect, random, reject);
    rendered.expect_alike(dialect, random,
                          order::OutboundStatusRequest{text(), text(), "ALPHA-1", "EUR/USD", order::Side::kSell});
    rendered.expect_alike(dialect, random, order::OutboundMassStatusRequest{text()});
    rendered.expect_alike(
        dialect, random,
        order::OutboundBusinessReject{random() % 3, "D", text(), static_cast<std::int32_t>(random() % 9), text()});
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(rendered.written(), 25'000);
  EXPECT_EQ(rendered.empty(), 0);
}

TEST(Composer, RefusesATextOfOursThatHoldsAnSoh) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  std::vector<char> buffer(1 << 16);
  for (const std::size_t size : {1, 5, 9, 20, 40}) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string id(size, 'x');
      id[at] = kSoh;
      order::OutboundNewOrder order;
      order.cl_ord_id = id;
      order.symbol = "EUR/USD";
      EXPECT_EQ(render(dialect, 7, UtcTime::from_ns(1), order, buffer), "");
      EXPECT_EQ(render_plainly(dialect, 7, UtcTime::from_ns(1), order, buffer), "");
    }
  }
}

TEST(Composer, PassesDataThatHoldsSohs) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  const std::string frame = framed("FIX.4.4", head("D") + "11=A|354=5|355=|a|b||55=EUR/USD|");
  const auto source = std::make_unique<ScannedMessage>();
  ASSERT_FALSE(scan(frame, *source));
  order::OutboundNewOrder order;
  order.cl_ord_id = "A";
  order.fields = source->fields();
  std::vector<char> buffer(1 << 16);
  const std::string_view bytes = render(dialect, 7, UtcTime::from_ns(1), order, buffer);
  EXPECT_NE(readable(bytes).find("354=5|355=|a|b||"), std::string::npos) << readable(bytes);
}

// In a buffer of any size a message is whole or not there, and nothing is written behind the buffer.
TEST(Composer, WritesNothingBehindItsBuffer) {
  Random random(815);
  Texts text(random);
  const std::string frame = framed("FIX.4.4", head("D") + "11=A|21=1|354=5|355=|a|b||55=EUR/USD|5001=user|");
  const auto source = std::make_unique<ScannedMessage>();
  ASSERT_FALSE(scan(frame, *source));
  std::vector<char> room(1 << 16);
  for (const Dialect& dialect : dialects()) {
    for (int round = 0; round < 3; ++round) {
      const auto order = order_of<order::OutboundNewOrder>(random, text, source->fields());
      const auto report = report_of(random, text, source->fields());
      const auto expect_bounded = [&](const auto& message) {
        const std::string whole(render(dialect, 7, UtcTime::from_ns(1), message, room));
        int written = 0;
        for (std::size_t size = 0; size < whole.size() + 150; ++size) {
          const std::unique_ptr<char[]> exact(new char[size]);  // of which a sanitizer knows the end
          const std::string_view bytes = render(dialect, 7, UtcTime::from_ns(1), message, std::span(exact.get(), size));
          ASSERT_TRUE(bytes.empty() || bytes == whole) << size;
          std::vector<char> guarded(size + 64, '\x55');
          render(dialect, 7, UtcTime::from_ns(1), message, std::span(guarded.data(), size));
          ASSERT_EQ(std::count(guarded.begin() + static_cast<std::ptrdiff_t>(size), guarded.end(), '\x55'), 64) << size;
          written += bytes.empty() ? 0 : 1;
        }
        ASSERT_GT(written, 0);
      };
      expect_bounded(order);
      expect_bounded(report);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace portcullis::fix
