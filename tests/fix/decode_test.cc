#include "fix/decode.h"

#include <algorithm>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include "tests/fix/dialects.h"

namespace portcullis::fix {
namespace {

const order::SessionId kSession(3);

// A command with the message that its texts point into.
template <typename T>
struct Decoded : T {
  Parsed message;
};

template <typename T>
Decoded<T> decoded(Parsed message, const Dialect& dialect) {
  const Command command = decode(*message, dialect, kSession);
  EXPECT_TRUE(std::holds_alternative<T>(command));
  return {std::get<T>(command), std::move(message)};
}

TEST(DecodeNewOrderSingle, ReadsEveryInterpretedField) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  Parsed message =
      parsed(FixVersion::kFix44, head("D") +
                                     "11=A1|1=ALPHA-1|55=EUR/USD|54=2|60=20261122-12:00:00.5|38=1000.5|40=4|44=1.25|"
                                     "99=1.2|15=EUR|59=6|432=20261224|126=20261224-10:00:00|526=S1|");
  const auto order = decoded<order::NewOrderSingle>(std::move(message), dialect);
  EXPECT_FALSE(order.fault);
  EXPECT_EQ(order.context.session, kSession);
  EXPECT_EQ(order.context.msg_seq_num, 7u);
  EXPECT_EQ(order.context.sending_time, *parse_utc_timestamp("20261122-12:00:00.123"));
  EXPECT_EQ(order.cl_ord_id, "A1");
  EXPECT_EQ(order.account, "ALPHA-1");
  EXPECT_EQ(order.symbol, "EUR/USD");
  EXPECT_EQ(order.currency, "EUR");
  EXPECT_EQ(order.side, order::Side::kSell);
  EXPECT_EQ(order.terms.order_qty, *Quantity::parse("1000.5"));
  EXPECT_EQ(order.terms.ord_type, order::OrdType::kStopLimit);
  EXPECT_EQ(order.terms.price, *Price::parse("1.25"));
  EXPECT_EQ(order.terms.stop_px, *Price::parse("1.2"));
  EXPECT_EQ(order.terms.time_in_force, order::TimeInForce::kGoodTillDate);
  EXPECT_EQ(Date::from_days(order.terms.expire_date).to_fix(), "20261224");
  EXPECT_EQ(order.terms.expire_time, *parse_utc_timestamp("20261224-10:00:00"));
  EXPECT_EQ(order.transact_time, *parse_utc_timestamp("20261122-12:00:00.5"));
  EXPECT_TRUE(order.has_order_qty);
  EXPECT_EQ(order.fields.size(), order.message->fields().size());
}

TEST(DecodeNewOrderSingle, DayIsTheDefaultTimeInForce) {
  const Dialect dialect = dialect_of(FixVersion::kFix42);
  const auto order = decoded<order::NewOrderSingle>(
      parsed(FixVersion::kFix42, head("D") + "11=A1|21=1|55=EUR/USD|54=1|60=20261122-12:00:00|38=1|40=1|"), dialect);
  EXPECT_FALSE(order.fault);
  EXPECT_EQ(order.terms.time_in_force, order::TimeInForce::kDay);
  EXPECT_FALSE(order.terms.has_price);
}

TEST(DecodeNewOrderSingle, SaysWhichFieldIsAtFaultAndKeepsTheRest) {
  struct Case {
    const char* fields;
    order::RejectCode code;
    int ref_tag;
  };
  using order::RejectCode;
  const Case cases[] = {
      {"54=1|40=2|44=1.1|38=x|", RejectCode::kBadField, 38},
      {"54=1|40=2|44=1.1|38=1.0001|", RejectCode::kBadField, 38},
      {"54=1|40=2|44=1.1|38=99999999999999999999|", RejectCode::kBadField, 38},
      {"54=1|40=2|44=1.123456789|38=1|", RejectCode::kBadField, 44},
      {"54=1|40=2|44=1e5|38=1|", RejectCode::kBadField, 44},
      {"54=9|40=2|44=1.1|38=1|", RejectCode::kUnsupported, 54},
      {"54=1|40=P|44=1.1|38=1|", RejectCode::kUnsupported, 40},
      {"54=1|40=2|44=1.1|38=1|59=7|", RejectCode::kUnsupported, 59},
      {"54=1|40=2|38=1|", RejectCode::kNoPrice, 44},
      {"54=1|40=3|38=1|", RejectCode::kNoPrice, 99},
      {"54=1|40=1|", RejectCode::kBadQuantity, 38},
      {"54=1|40=1|38=1|152=5|", RejectCode::kBadQuantity, 152},
      {"54=1|40=1|38=1|59=6|", RejectCode::kBadField, 432},
      {"54=1|40=1|38=1|432=20261301|", RejectCode::kBadField, 432},
      {"40=1|38=1|", RejectCode::kBadField, 54},
  };
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  for (const Case& c : cases) {
    const auto order = decoded<order::NewOrderSingle>(
        parsed(FixVersion::kFix44, head("D") + "11=A1|55=EUR/USD|60=20261122-12:00:00|" + c.fields), dialect);
    EXPECT_EQ(order.fault.code, c.code) << c.fields;
    EXPECT_EQ(order.fault.ref_tag, c.ref_tag) << c.fields;
    EXPECT_FALSE(order.fault.text.empty()) << c.fields;
    EXPECT_EQ(order.cl_ord_id, "A1") << "the refusal needs it";
    EXPECT_EQ(order.symbol, "EUR/USD");
  }
}

TEST(DecodeNewOrderSingle, AnIdThatIsTooLongIsNamed) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  const std::string id(64, 'x');
  const auto order = decoded<order::NewOrderSingle>(
      parsed(FixVersion::kFix44, head("D") + "11=" + id + "|55=EUR/USD|54=1|60=20261122-12:00:00|38=1|40=1|"), dialect);
  EXPECT_EQ(order.fault.ref_tag, 11);
  EXPECT_EQ(order.cl_ord_id, id);
}

TEST(DecodeNewOrderSingle, FieldsOfGroupsAreNotTheOrders) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  const auto order = decoded<order::NewOrderSingle>(
      parsed(FixVersion::kFix44, head("D") + "11=A1|1=ALPHA-1|78=1|79=OTHER|80=5|55=EUR/USD|54=1|"
                                             "60=20261122-12:00:00|38=1|40=1|"),
      dialect);
  EXPECT_FALSE(order.fault);
  EXPECT_EQ(order.account, "ALPHA-1");
}

TEST(DecodeNewOrderSingle, TheDialectMapsSymbolAndAccount) {
  DialectSettings settings = settings_of(FixVersion::kFix44);
  settings.symbols = {{"EUR/USD", "EURUSD"}};
  settings.accounts = {{"ALPHA-1", "77"}};
  const Dialect dialect = dialect_of(settings);
  const auto order = decoded<order::NewOrderSingle>(
      parsed(FixVersion::kFix44, head("D") + "11=A1|1=77|55=EURUSD|54=1|60=20261122-12:00:00|38=1|40=1|"), dialect);
  EXPECT_EQ(order.symbol, "EUR/USD");
  EXPECT_EQ(order.account, "ALPHA-1");
}

TEST(DecodeRequests, CancelReplaceAndStatus) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  const auto cancel = decoded<order::OrderCancelRequest>(
      parsed(FixVersion::kFix44, head("F") + "41=A1|37=LDN1-5|11=A2|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|"),
      dialect);
  EXPECT_FALSE(cancel.fault);
  EXPECT_EQ(cancel.cl_ord_id, "A2");
  EXPECT_EQ(cancel.orig_cl_ord_id, "A1");
  EXPECT_EQ(cancel.order_id, "LDN1-5");
  EXPECT_TRUE(cancel.has_side);
  const auto replace = decoded<order::OrderCancelReplaceRequest>(
      parsed(FixVersion::kFix44, head("G") + "41=A1|11=A3|55=EUR/USD|54=1|60=20261122-12:00:00|38=5|40=2|44=1.2|"),
      dialect);
  EXPECT_FALSE(replace.fault);
  EXPECT_EQ(replace.terms.order_qty, Quantity::of(5));
  EXPECT_EQ(replace.orig_cl_ord_id, "A1");
  const auto status = decoded<order::OrderStatusRequest>(
      parsed(FixVersion::kFix44, head("H") + "11=A1|55=EUR/USD|54=1|790=Q1|"), dialect);
  EXPECT_FALSE(status.fault);
  EXPECT_EQ(status.ord_status_req_id, "Q1");
}

TEST(DecodeExecutionReport, BringsFix42sTwoFieldsToOne) {
  struct Case {
    const char* codes;
    order::ExecType expected;
  };
  using order::ExecType;
  const Case cases[] = {
      {"20=0|150=0|39=0|", ExecType::kNew},          {"20=0|150=1|39=1|", ExecType::kTrade},
      {"20=0|150=2|39=2|", ExecType::kTrade},        {"20=0|150=1|39=6|", ExecType::kTrade},
      {"20=0|150=1|39=7|", ExecType::kStopped},      {"20=1|150=1|39=0|", ExecType::kTradeCancel},
      {"20=2|150=2|39=2|", ExecType::kTradeCorrect}, {"20=3|150=1|39=1|", ExecType::kOrderStatus},
      {"20=0|150=5|39=5|", ExecType::kReplaced},     {"20=0|150=8|39=8|", ExecType::kRejected},
      {"20=0|150=D|39=0|", ExecType::kRestated},     {"20=0|150=4|39=4|", ExecType::kCanceled},
  };
  const Dialect dialect = dialect_of(FixVersion::kFix42);
  for (const Case& c : cases) {
    const auto report = decoded<order::ExecutionReport>(
        parsed(FixVersion::kFix42,
               head("8") + "37=B1|11=G1|17=E1|55=EUR/USD|54=1|38=10|32=4|31=1.1|151=6|14=4|6=1.1|" + c.codes),
        dialect);
    EXPECT_FALSE(report.fault) << c.codes;
    EXPECT_EQ(report.exec_type, c.expected) << c.codes;
  }
}

TEST(DecodeExecutionReport, ReadsFiguresAndReasons) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  const auto report = decoded<order::ExecutionReport>(
      parsed(FixVersion::kFix44,
             head("8") + "37=B1|11=G1|41=G0|17=E1|19=E0|150=F|39=1|55=EUR/USD|54=1|38=10|44=1.2|32=4|31=1.1|151=6|14=4|"
                         "6=1.1000000001|60=20261122-12:00:00|58=hello|103=99|378=5|"),
      dialect);
  EXPECT_FALSE(report.fault);
  EXPECT_EQ(report.exec_type, order::ExecType::kTrade);
  EXPECT_EQ(report.ord_status, order::OrdStatus::kPartiallyFilled);
  EXPECT_EQ(report.order_id, "B1");
  EXPECT_EQ(report.cl_ord_id, "G1");
  EXPECT_EQ(report.orig_cl_ord_id, "G0");
  EXPECT_EQ(report.exec_ref_id, "E0");
  EXPECT_EQ(report.last_qty, Quantity::of(4));
  EXPECT_EQ(report.last_px, *Price::parse("1.1"));
  EXPECT_EQ(report.leaves_qty, Quantity::of(6));
  EXPECT_EQ(report.cum_qty, Quantity::of(4));
  EXPECT_EQ(report.ord_rej_reason, 99);
  EXPECT_EQ(report.exec_restatement_reason, 5);
  EXPECT_EQ(report.text, "hello");
  EXPECT_TRUE(report.has_last_px && report.has_last_qty && report.has_cum_qty && report.has_leaves_qty);
}

TEST(DecodeExecutionReport, AReportThatCannotBeUnderstoodIsAFault) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  for (const auto& [codes, tag] : {std::pair{"150=Z|39=1|14=4|", 150}, std::pair{"150=F|39=Z|14=4|", 39},
                                   std::pair{"150=F|39=1|14=abc|", 14}, std::pair{"39=1|14=4|", 150}}) {
    const auto report = decoded<order::ExecutionReport>(
        parsed(FixVersion::kFix44, head("8") + "37=B1|11=G1|17=E1|55=EUR/USD|54=1|151=6|6=0|" + codes), dialect);
    EXPECT_EQ(report.fault.ref_tag, tag) << codes;
  }
}

TEST(DecodeRejects, OrderCancelRejectAndMessageRejects) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  const auto cancel = decoded<order::OrderCancelReject>(
      parsed(FixVersion::kFix44, head("9") + "37=B1|11=G2|41=G1|39=2|434=1|102=0|58=too late|"), dialect);
  EXPECT_FALSE(cancel.fault);
  EXPECT_EQ(cancel.cxl_rej_reason, 0);
  EXPECT_EQ(cancel.ord_status, order::OrdStatus::kFilled);
  EXPECT_EQ(cancel.cxl_rej_response_to, '1');
  const auto business = decoded<order::MessageReject>(
      parsed(FixVersion::kFix44, head("j") + "45=12|372=D|379=G2|380=4|58=closed|"), dialect);
  EXPECT_TRUE(business.business);
  EXPECT_EQ(business.ref_seq_num, 12u);
  EXPECT_EQ(business.ref_id, "G2");
  EXPECT_EQ(business.reason, 4);
  const auto session =
      decoded<order::MessageReject>(parsed(FixVersion::kFix44, head("3") + "45=12|372=D|373=5|58=bad|"), dialect);
  EXPECT_FALSE(session.business);
  EXPECT_EQ(session.reason, 5);
}

// What is read of a message with all that is remembered of those before it, and what without.
template <typename T>
void expect_the_same_command(const std::string& frame, const Dialect& dialect) {
  const auto known = std::make_unique<ScannedMessage>();
  const auto plain = std::make_unique<ScannedMessage>();
  for (int i = 0; i < 3; ++i) ASSERT_FALSE(scan(frame, *known));
  ASSERT_FALSE(scan_by_bytes(frame, *plain));
  for (int i = 0; i < 2; ++i) (void)dialect.dictionary().understand(*known, true);
  const Command before = decode(*known, dialect, kSession);
  const Command again = decode(*known, dialect, kSession);
  const Command other = decode(*plain, dialect, kSession);
  const auto& a = std::get<T>(again);
  const auto& b = std::get<T>(other);
  for (const T* command : {&std::get<T>(before), &a}) {
    ASSERT_EQ(command->cl_ord_id, b.cl_ord_id) << readable(frame);
    ASSERT_EQ(command->symbol, b.symbol) << readable(frame);
    ASSERT_EQ(command->account, b.account) << readable(frame);
    ASSERT_EQ(command->currency, b.currency) << readable(frame);
    ASSERT_EQ(command->side, b.side) << readable(frame);
    ASSERT_EQ(command->transact_time, b.transact_time) << readable(frame);
    ASSERT_EQ(command->fault.code, b.fault.code) << readable(frame);
    ASSERT_EQ(command->fault.ref_tag, b.fault.ref_tag) << readable(frame);
    if constexpr (std::is_same_v<T, order::NewOrderSingle>) {
      ASSERT_EQ(command->terms.order_qty, b.terms.order_qty) << readable(frame);
      ASSERT_EQ(command->terms.price, b.terms.price) << readable(frame);
      ASSERT_EQ(command->terms.stop_px, b.terms.stop_px) << readable(frame);
      ASSERT_EQ(command->terms.ord_type, b.terms.ord_type) << readable(frame);
      ASSERT_EQ(command->terms.time_in_force, b.terms.time_in_force) << readable(frame);
      ASSERT_EQ(command->terms.has_price, b.terms.has_price) << readable(frame);
      ASSERT_EQ(command->settl_type, b.settl_type) << readable(frame);
    } else {
      ASSERT_EQ(command->order_qty, b.order_qty) << readable(frame);
      ASSERT_EQ(command->last_qty, b.last_qty) << readable(frame);
      ASSERT_EQ(command->last_px, b.last_px) << readable(frame);
      ASSERT_EQ(command->cum_qty, b.cum_qty) << readable(frame);
      ASSERT_EQ(command->leaves_qty, b.leaves_qty) << readable(frame);
      ASSERT_EQ(command->avg_px, b.avg_px) << readable(frame);
      ASSERT_EQ(command->exec_id, b.exec_id) << readable(frame);
      ASSERT_EQ(command->exec_type, b.exec_type) << readable(frame);
      ASSERT_EQ(command->ord_status, b.ord_status) << readable(frame);
      ASSERT_EQ(command->text, b.text) << readable(frame);
    }
  }
}

TEST(Decode, WhatIsRememberedChangesNothing) {
  std::mt19937_64 random(31);
  const std::vector<std::string> order = {"11=A1", "1=ALPHA-1", "55=EUR/USD", "54=1", "60=20261122-12:00:00.5", "40=2",
                                          "59=0", "453=1|448=X|447=D|452=11", "21=1", "99=1.5", "63=0", "15=EUR",
                                          "5001=x", "58=some text", "555=1|600=LEG|624=2"};
  const std::vector<std::string> report = {"37=N1", "11=A1", "17=E1", "150=F", "39=2", "55=EUR/USD", "54=1", "58=a text",
                                           "60=20261122-12:00:00.5", "1=ALPHA-1", "453=1|448=X|447=D|452=11", "15=EUR"};
  const std::vector<std::string> numbers = {"1", "1.25", "0.001", "1000000", "12345678", "1.2345678", "123456789", ".5",
                                            "5.", "-1", "1.0000", "x", "0", "00012", "1.2.3", "99999999.99999999"};
  for (int round = 0; round < 3'000; ++round) {
    const bool is_order = random() % 2 == 0;
    const FixVersion version = random() % 2 == 0 ? FixVersion::kFix42 : FixVersion::kFix44;
    std::vector<std::string> fields = is_order ? order : report;
    for (const char* tag : {"38=", "44=", "32=", "31=", "14=", "151=", "6="}) {
      fields.push_back(tag + numbers[random() % numbers.size()]);
    }
    std::shuffle(fields.begin(), fields.end(), random);
    fields.resize(fields.size() - random() % 6);
    std::string body = head(is_order ? "D" : "8");
    for (const std::string& field : fields) body += field + "|";
    const std::string frame = framed(version == FixVersion::kFix42 ? "FIX.4.2" : "FIX.4.4", body);
    const Dialect dialect = dialect_of(version);
    if (is_order) {
      ASSERT_NO_FATAL_FAILURE(expect_the_same_command<order::NewOrderSingle>(frame, dialect));
    } else {
      ASSERT_NO_FATAL_FAILURE(expect_the_same_command<order::ExecutionReport>(frame, dialect));
    }
  }
}

TEST(Decode, WhatIsNotProcessedIsNothing) {
  const Dialect dialect = dialect_of(FixVersion::kFix44);
  for (const char* type : {"q", "AF", "XY", "0"}) {
    EXPECT_TRUE(
        std::holds_alternative<std::monostate>(decode(*parsed(FixVersion::kFix44, head(type)), dialect, kSession)));
  }
}

}  // namespace
}  // namespace portcullis::fix
