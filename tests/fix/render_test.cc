#include "fix/render.h"

#include <algorithm>
#include <array>
#include <limits>
#include <random>

#include "fix/decode.h"
#include "fix/pass_through.h"
#include "tests/fix/dialects.h"

namespace portcullis::fix {
namespace {

const UtcTime kNow = *parse_utc_timestamp("20261122-12:00:01");
std::array<char, 65'536> g_buffer;

// Rendered, scanned, and judged by the target version's own dictionary.
template <typename Outbound>
Parsed rendered(const Dialect& dialect, const Outbound& outbound) {
  const std::string_view bytes = render(dialect, 9, kNow, outbound, g_buffer);
  EXPECT_FALSE(bytes.empty());
  Parsed message{std::string(bytes)};
  const Understanding understanding = dialect.dictionary().understand(*message, dialect.user_defined_tags());
  EXPECT_TRUE(understanding) << understanding.tag << " " << understanding.why << " in " << message.text();
  return message;
}

order::OutboundNewOrder order_from(const order::NewOrderSingle& in) {
  order::OutboundNewOrder out;
  out.cl_ord_id = "LDN1-1-1";
  out.account = in.account;
  out.symbol = in.symbol;
  out.currency = in.currency;
  out.side = in.side;
  out.terms = in.terms;
  out.cash_order_qty = in.has_cash_order_qty;
  out.transact_time = in.transact_time;
  out.fields = in.fields;
  return out;
}

order::OutboundExecutionReport fill() {
  order::OutboundExecutionReport report;
  report.order_id = "LDN1-O-1";
  report.secondary_order_id = "B1";
  report.exec_id = "LDN1-E-1";
  report.secondary_exec_id = "BE1";
  report.cl_ord_id = "A1";
  report.account = "ALPHA-1";
  report.symbol = "EUR/USD";
  report.side = order::Side::kBuy;
  report.exec_type = order::ExecType::kTrade;
  report.ord_status = order::OrdStatus::kPartiallyFilled;
  report.terms.order_qty = Quantity::of(1000);
  report.terms.price = *Price::parse("1.1");
  report.terms.has_price = true;
  report.last_qty = Quantity::of(300);
  report.last_px = *Price::parse("1.1");
  report.has_last = true;
  report.cum_qty = Quantity::of(300);
  report.leaves_qty = Quantity::of(700);
  report.value = Wide{report.cum_qty.raw()} * report.last_px.raw();
  report.transact_time = kNow;
  return report;
}

TEST(RenderNewOrder, From42To44AndBackKeepsWhatBothHave) {
  const Dialect v42 = dialect_of(FixVersion::kFix42);
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  const Parsed from42 =
      parsed(FixVersion::kFix42, head("D") +
                                     "11=A1|109=CLIENT|1=ALPHA-1|21=2|18=G|110=5|55=EUR/USD|54=1|"
                                     "60=20261122-12:00:00|38=1000|40=2|44=1.1|59=1|58=it's|5001=user|");
  const auto order42 = std::get<order::NewOrderSingle>(decode(*from42, v42, order::SessionId(1)));
  const Parsed to44 = rendered(v44, order_from(order42));
  EXPECT_EQ(to44->find(11), "LDN1-1-1");
  EXPECT_EQ(to44->find(21), "2");
  EXPECT_EQ(to44->find(110), "5");
  EXPECT_EQ(to44->find(58), "it's");
  EXPECT_EQ(to44->find(5001), "user");
  EXPECT_EQ(to44->find(109), "") << "4.4 has no ClientID";
  EXPECT_EQ(to44->find(59), "1");

  const Parsed from44 =
      parsed(FixVersion::kFix44, head("D") +
                                     "11=A1|1=ALPHA-1|453=1|448=X|447=D|452=1|55=EUR/USD|54=1|60=20261122-12:00:00|"
                                     "38=1000|40=1|526=S1|58=text|");
  const auto order44 = std::get<order::NewOrderSingle>(decode(*from44, v44, order::SessionId(1)));
  const Parsed to42 = rendered(v42, order_from(order44));
  EXPECT_EQ(to42->find(21), "1") << "4.2 requires HandlInst";
  EXPECT_EQ(to42->find(453), "");
  EXPECT_EQ(to42->find(448), "");
  EXPECT_EQ(to42->find(526), "");
  EXPECT_EQ(to42->find(58), "text");
}

TEST(RenderNewOrder, GroupsAndDataTravelWhole) {
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  const Parsed in =
      parsed(FixVersion::kFix44, head("D") +
                                     "11=A1|453=2|448=X|447=D|452=1|802=1|523=sub|803=1|448=Y|447=D|452=3|"
                                     "55=EUR/USD|54=1|60=20261122-12:00:00|38=1000|40=1|354=5|355=a|b=c|");
  const auto order = std::get<order::NewOrderSingle>(decode(*in, v44, order::SessionId(1)));
  const Parsed out = rendered(v44, order_from(order));
  EXPECT_NE(out.text().find("|453=2|448=X|447=D|452=1|802=1|523=sub|803=1|448=Y|447=D|452=3|"), std::string::npos);
  EXPECT_EQ(out->find(355), soh("a|b=c"));
}

TEST(RenderNewOrder, AGroupThatTheTargetKnowsOnlyInPartIsLeftOutWhole) {
  const Dialect v42 = dialect_of(FixVersion::kFix42);
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  const Parsed in = parsed(FixVersion::kFix44, head("D") +
                                                   "11=A1|78=1|79=SUB|467=I1|80=1000|55=EUR/USD|54=1|"
                                                   "60=20261122-12:00:00|38=1000|40=1|");
  const auto order = std::get<order::NewOrderSingle>(decode(*in, v44, order::SessionId(1)));
  const Parsed out = rendered(v42, order_from(order));
  EXPECT_EQ(out->find(78), "");
  EXPECT_EQ(out->find(79), "");
  const Parsed plain = parsed(FixVersion::kFix44, head("D") +
                                                      "11=A1|78=1|79=SUB|80=1000|55=EUR/USD|54=1|"
                                                      "60=20261122-12:00:00|38=1000|40=1|");
  const auto plain_order = std::get<order::NewOrderSingle>(decode(*plain, v44, order::SessionId(1)));
  EXPECT_EQ(rendered(v42, order_from(plain_order))->find(79), "SUB");
}

TEST(RenderNewOrder, TheDialectMapsAddsAndDrops) {
  DialectSettings settings = settings_of(FixVersion::kFix44);
  settings.symbols = {{"EUR/USD", "EURUSD"}};
  settings.accounts = {{"ALPHA-1", "NB-77"}};
  settings.add = {{21, "1"}, {5002, "PC"}};
  settings.drop = {58, 5001};
  const Dialect broker = dialect_of(settings);
  const Dialect client = dialect_of(FixVersion::kFix44);
  const Parsed in = parsed(FixVersion::kFix44, head("D") +
                                                   "11=A1|1=ALPHA-1|21=3|55=EUR/USD|54=1|60=20261122-12:00:00|"
                                                   "38=1000|40=1|58=secret|5001=x|5003=y|");
  const auto order = std::get<order::NewOrderSingle>(decode(*in, client, order::SessionId(1)));
  const Parsed out = rendered(broker, order_from(order));
  EXPECT_EQ(out->find(55), "EURUSD");
  EXPECT_EQ(out->find(1), "NB-77");
  EXPECT_EQ(out->find(21), "1");
  EXPECT_EQ(out->find(5002), "PC");
  EXPECT_EQ(out->find(58), "");
  EXPECT_EQ(out->find(5001), "");
  EXPECT_EQ(out->find(5003), "y");
}

// Whether any field is passed on is remembered of a message's fields and of what the target takes: of two targets of which
// one drops the only such field, neither is taken for the other, wherever both are remembered.
TEST(RenderNewOrder, WhatOneTargetDropsAnotherStillGets) {
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  const Parsed in = [] {
    const std::string body =
        head("D") + "11=A1|1=ALPHA-1|55=EUR/USD|54=1|60=20261122-12:00:00|38=1000|40=2|44=1.1|583=LINK|";
    for (int i = 0; i < 3; ++i) parsed(FixVersion::kFix44, body);
    return parsed(FixVersion::kFix44, body);
  }();
  ASSERT_NE(in->fields().layout(), 0u);
  const auto order = std::get<order::NewOrderSingle>(decode(*in, v44, order::SessionId(1)));
  // Each drops something else besides, so that all of their plans differ.
  int tried = 0;
  for (std::uint32_t other = 100; other < 700; ++other) {
    DialectSettings settings = settings_of(FixVersion::kFix44);
    settings.drop = {583, other};
    RenderPlans plans;
    const Result<Dialect> dropping = Dialect::make(settings, dictionary_of(FixVersion::kFix44), plans);
    if (!dropping.ok()) continue;
    EXPECT_EQ(rendered(*dropping, order_from(order))->find(583), "");
    EXPECT_EQ(rendered(v44, order_from(order))->find(583), "LINK") << other;
    ++tried;
  }
  EXPECT_GT(tried, 300);
}

TEST(RenderNewOrder, SaysWhichFieldABrokerCannotCarry) {
  const Dialect v42 = dialect_of(FixVersion::kFix42);
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  const Parsed fine = parsed(FixVersion::kFix44, head("D") + "11=A1|18=1 2|55=EUR/USD|110=5|58=x|5001=y|");
  EXPECT_EQ(uncarried_field(fine->fields(), "D", v42), 0u);
  const Parsed target = parsed(FixVersion::kFix44, head("D") + "11=A1|847=1|55=EUR/USD|");
  EXPECT_EQ(uncarried_field(target->fields(), "D", v42), 847u);
  EXPECT_EQ(uncarried_field(target->fields(), "D", v44), 0u);
  const Parsed inst = parsed(FixVersion::kFix44, head("D") + "11=A1|18=1 e|55=EUR/USD|");
  EXPECT_EQ(uncarried_field(inst->fields(), "D", v42), 18u);
  DialectSettings settings = settings_of(FixVersion::kFix44);
  settings.drop = {110};
  EXPECT_EQ(uncarried_field(fine->fields(), "D", dialect_of(settings)), 110u);
}

TEST(RenderRequests, CancelReplaceAndStatusInBothVersions) {
  for (const FixVersion version : {FixVersion::kFix42, FixVersion::kFix44}) {
    const Dialect dialect = dialect_of(version);
    order::OutboundCancel cancel;
    cancel.cl_ord_id = "G2";
    cancel.orig_cl_ord_id = "G1";
    cancel.order_id = "B1";
    cancel.symbol = "EUR/USD";
    cancel.order_qty = Quantity::of(1000);
    EXPECT_EQ(rendered(dialect, cancel)->find(41), "G1");
    order::OutboundReplace replace;
    replace.cl_ord_id = "G3";
    replace.orig_cl_ord_id = "G1";
    replace.symbol = "EUR/USD";
    replace.terms.order_qty = Quantity::of(2000);
    replace.terms.has_price = true;
    replace.terms.price = *Price::parse("1.2");
    const Parsed out = rendered(dialect, replace);
    EXPECT_EQ(out->find(38), "2000");
    EXPECT_EQ(out->find(44), "1.2");
    EXPECT_EQ(out->find(60), "20261122-12:00:01.000");
    order::OutboundStatusRequest status;
    status.cl_ord_id = "G1";
    status.symbol = "EUR/USD";
    EXPECT_EQ(rendered(dialect, status)->find(11), "G1");
  }
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  EXPECT_TRUE(v44.facts().mass_status_request);
  EXPECT_FALSE(dialect_of(FixVersion::kFix42).facts().mass_status_request);
  EXPECT_EQ(rendered(v44, order::OutboundMassStatusRequest{"M1"})->find(585), "7");
}

TEST(RenderExecutionReport, In44OneFieldSaysWhatItIs) {
  const Parsed out = rendered(dialect_of(FixVersion::kFix44), fill());
  EXPECT_EQ(out->find(150), "F");
  EXPECT_EQ(out->find(20), "");
  EXPECT_EQ(out->find(39), "1");
  EXPECT_EQ(out->find(527), "BE1");
  EXPECT_EQ(out->find(198), "B1");
  EXPECT_EQ(out->find(32), "300");
  EXPECT_EQ(out->find(6), "1.1");
  EXPECT_EQ(out->find(14), "300");
  EXPECT_EQ(out->find(151), "700");
}

TEST(RenderExecutionReport, In42TwoFieldsSayWhatItIs) {
  const Dialect v42 = dialect_of(FixVersion::kFix42);
  struct Case {
    order::ExecType type;
    order::OrdStatus status;
    int cum;
    const char* trans;
    const char* exec_type;
    const char* ord_status;
  };
  using order::ExecType;
  using order::OrdStatus;
  const Case cases[] = {
      {ExecType::kNew, OrdStatus::kNew, 0, "0", "0", "0"},
      {ExecType::kTrade, OrdStatus::kPartiallyFilled, 300, "0", "1", "1"},
      {ExecType::kTrade, OrdStatus::kFilled, 1000, "0", "2", "2"},
      {ExecType::kTrade, OrdStatus::kPendingCancel, 300, "0", "1", "6"},
      {ExecType::kTrade, OrdStatus::kPendingCancel, 1000, "0", "2", "6"},
      {ExecType::kTradeCancel, OrdStatus::kNew, 0, "1", "1", "0"},
      {ExecType::kTradeCorrect, OrdStatus::kFilled, 1000, "2", "2", "2"},
      {ExecType::kOrderStatus, OrdStatus::kPendingReplace, 300, "3", "E", "E"},
      {ExecType::kTriggered, OrdStatus::kNew, 0, "3", "0", "0"},
      {ExecType::kReplaced, OrdStatus::kNew, 0, "0", "5", "5"},
      {ExecType::kReplaced, OrdStatus::kPartiallyFilled, 300, "0", "5", "1"},
      {ExecType::kReplaced, OrdStatus::kPendingCancel, 0, "0", "5", "6"},
      {ExecType::kStopped, OrdStatus::kStopped, 0, "0", "7", "7"},
      {ExecType::kRejected, OrdStatus::kRejected, 0, "0", "8", "8"},
      {ExecType::kPendingCancel, OrdStatus::kPendingCancel, 0, "0", "6", "6"},
  };
  for (const Case& c : cases) {
    order::OutboundExecutionReport report = fill();
    report.exec_type = c.type;
    report.ord_status = c.status;
    report.cum_qty = Quantity::of(c.cum);
    report.leaves_qty = Quantity::of(1000 - c.cum);
    report.has_last = c.type == ExecType::kTrade || c.type == ExecType::kTradeCorrect;
    const Parsed out = rendered(v42, report);
    EXPECT_EQ(out->find(20), c.trans) << out.text();
    EXPECT_EQ(out->find(150), c.exec_type) << out.text();
    EXPECT_EQ(out->find(39), c.ord_status) << out.text();
    EXPECT_EQ(out->find(527), "");
    if (c.trans == std::string_view("3")) {
      EXPECT_EQ(out->find(17), "0");
      EXPECT_EQ(out->find(32), "");
    } else {
      EXPECT_EQ(out->find(32), report.has_last ? "300" : "0");
    }
  }
}

TEST(RenderExecutionReport, WhatOneVersionSaysTheOtherReadsBack) {
  const Dialect v42 = dialect_of(FixVersion::kFix42);
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  for (const char type : std::string("034567890ABCDEFGHI")) {
    order::OutboundExecutionReport report = fill();
    report.exec_type = static_cast<order::ExecType>(type);
    for (const Dialect* dialect : {&v42, &v44}) {
      const Parsed out = rendered(*dialect, report);
      const auto back = std::get<order::ExecutionReport>(decode(*out, *dialect, order::SessionId(1)));
      EXPECT_FALSE(back.fault) << out.text();
      EXPECT_EQ(back.exec_type, report.exec_type) << out.text();
      EXPECT_EQ(back.cum_qty, report.cum_qty);
    }
  }
}

TEST(RenderExecutionReport, ABrokersUninterpretedFieldsReachTheClient) {
  const Dialect v42 = dialect_of(FixVersion::kFix42);
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  const Parsed in =
      parsed(FixVersion::kFix42, head("8") +
                                     "37=B1|11=G1|17=E1|20=0|150=1|39=1|55=EUR/USD|54=1|38=1000|32=300|31=1.1|30=XLON|"
                                     "151=700|14=300|6=1.1|75=20261122|424=1000|76=BRK|5001=u|58=broker's|");
  order::OutboundExecutionReport report = fill();
  report.fields = in->fields();
  report.text = "broker's";
  const Parsed to44 = rendered(v44, report);
  EXPECT_EQ(to44->find(30), "XLON");
  EXPECT_EQ(to44->find(75), "20261122");
  EXPECT_EQ(to44->find(424), "1000");
  EXPECT_EQ(to44->find(5001), "u");
  EXPECT_EQ(to44->find(76), "");
  EXPECT_EQ(to44->find(37), "LDN1-O-1");
  EXPECT_EQ(to44->find(58), "broker's");
  EXPECT_EQ(rendered(v42, report)->find(76), "BRK");
}

TEST(RenderExecutionReport, ReasonsOutsideTheVersionsListBecomeBrokerOption) {
  const Dialect v42 = dialect_of(FixVersion::kFix42);
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  order::OutboundExecutionReport report = fill();
  report.exec_type = order::ExecType::kRejected;
  report.ord_status = order::OrdStatus::kRejected;
  report.has_last = false;
  report.reject = order::RejectCode::kBadQuantity;
  EXPECT_EQ(rendered(v44, report)->find(103), "13");
  EXPECT_EQ(rendered(v42, report)->find(103), "0");
  report.reject = order::RejectCode::kDuplicateClOrdId;
  EXPECT_EQ(rendered(v42, report)->find(103), "6");
  report.ord_rej_reason = 99;
  EXPECT_EQ(rendered(v42, report)->find(103), "0");
  EXPECT_EQ(rendered(v44, report)->find(103), "99");

  order::OutboundCancelReject reject;
  reject.order_id = "NONE";
  reject.cl_ord_id = "A2";
  reject.orig_cl_ord_id = "A1";
  reject.ord_status = order::OrdStatus::kRejected;
  reject.reject = order::RejectCode::kUnknownOrder;
  EXPECT_EQ(rendered(v42, reject)->find(102), "1");
  reject.reject = order::RejectCode::kDuplicateClOrdId;
  EXPECT_EQ(rendered(v44, reject)->find(102), "6");
  EXPECT_EQ(rendered(v42, reject)->find(102), "2");
  EXPECT_EQ(rendered(v42, reject)->find(434), "1");
}

TEST(RenderBusinessReject, KeepsTheReasonThatTheVersionHas) {
  order::OutboundBusinessReject reject;
  reject.ref_seq_num = 7;
  reject.ref_msg_type = "q";
  reject.reason = 3;
  reject.text = "not supported";
  for (const FixVersion version : {FixVersion::kFix42, FixVersion::kFix44}) {
    EXPECT_EQ(rendered(dialect_of(version), reject)->find(380), "3");
  }
  reject.reason = 6;
  EXPECT_EQ(rendered(dialect_of(FixVersion::kFix42), reject)->find(380), "0");
  EXPECT_EQ(rendered(dialect_of(FixVersion::kFix44), reject)->find(380), "6");
}

TEST(AveragePrice, RoundsHalfToEvenAtTheDialectsDecimals) {
  const auto average = [](std::string_view total, std::string_view cum, int decimals) {
    // `total` in units of quantity * price.
    const Wide value = Wide{Price::parse(total)->raw()} * 1000;
    return average_price(value, *Quantity::parse(cum), decimals)->to_string();
  };
  EXPECT_EQ(average("10", "3", 8), "3.33333333");
  EXPECT_EQ(average("20", "3", 8), "6.66666667");
  EXPECT_EQ(average("10", "3", 2), "3.33");
  EXPECT_EQ(average("0.25", "1", 1), "0.2");
  EXPECT_EQ(average("0.35", "1", 1), "0.4");
  EXPECT_EQ(average("7", "2", 0), "4");
  EXPECT_EQ(average_price(0, Quantity(), 8)->to_string(), "0");
}

// With eight decimals an average is mostly one division of 64 bits; it is what the long division gives.
TEST(AveragePrice, IsTheLongDivisionsAtEightDecimals) {
  std::mt19937_64 random(43);
  for (int round = 0; round < 200'000; ++round) {
    const auto any = [&random] { return static_cast<std::int64_t>(random() >> 1 >> random() % 63); };
    const std::int64_t cum = any();
    if (cum == 0) continue;
    Wide value = any();
    if (round % 3 == 0) value = std::min<Wide>(value / cum, std::numeric_limits<std::int64_t>::max() / cum - 1) * cum + cum / 2;
    if (round % 7 == 0) value = -value;
    if (round % 5 == 0) value *= 16;  // now and then more than 64 bits
    const std::optional<std::int64_t> expected = narrow(divide(value, cum, Rounding::kHalfEven));
    const std::optional<Price> average = average_price(value, Quantity::from_raw(cum), 8);
    ASSERT_EQ(average.has_value(), expected.has_value());
    if (expected) {
      ASSERT_EQ(average->raw(), *expected) << static_cast<std::int64_t>(value) << " / " << cum;
    }
  }
}

TEST(RenderBound, IsEnoughForALongMessage) {
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  std::string body =
      head("D") + "11=A1|55=EUR/USD|54=1|60=20261122-12:00:00|38=1000|40=1|58=" + std::string(20'000, 'x') + "|";
  const Parsed in = parsed(FixVersion::kFix44, body);
  const auto order = order_from(std::get<order::NewOrderSingle>(decode(*in, v44, order::SessionId(1))));
  std::string buffer(render_bound(order.fields), '\0');
  EXPECT_FALSE(render(v44, 9, kNow, order, std::span<char>(buffer.data(), buffer.size())).empty());
  EXPECT_TRUE(render(v44, 9, kNow, order, std::span<char>(buffer.data(), 1000)).empty());
}

}  // namespace
}  // namespace portcullis::fix
