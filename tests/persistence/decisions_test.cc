#include <gtest/gtest.h>

#include "persistence/blotter/message_facts.h"
#include "persistence/frame.h"
#include "persistence/journal_reader.h"
#include "tests/persistence/both_engines.h"

namespace portcullis::persistence::testing {
namespace {

using gateway::testing::Gateway;
using gateway::testing::Sent;

class Decisions : public BothEngines {
 protected:
  DecisionRow decision(const std::string& cl_ord_id, const std::string& msg_type = "D") {
    auto rows = rows_of<DecisionRow>("cl_ord_id = '" + cl_ord_id + "' AND msg_type = '" + msg_type + "'");
    EXPECT_EQ(rows.size(), 1u) << cl_ord_id;
    return rows.empty() ? DecisionRow() : rows.front();
  }
};

// What the session layer refuses by the dictionary never reaches a control; it is refused all the same.
TEST_F(Decisions, AMessageThatTheSessionLayerRejectsIsRecordedToo) {
  Gateway gateway;
  std::vector<std::vector<std::byte>> records = gateway.records();
  const order::SessionId session = gateway.core().client_session("alpha");
  const auto reject = [&](const std::string& body, const std::string& answer) {
    const gateway::SessionNumbers numbers = gateway.core().numbers(session);
    const std::string bytes =
        gateway::testing::frame("FIX.4.4", "ALPHA", "PORTCULLIS", numbers.next_target, gateway.now(), body);
    const std::string said =
        gateway::testing::frame("FIX.4.4", "PORTCULLIS", "ALPHA", numbers.next_sender, gateway.now(), answer);
    const gateway::StagedMessage staged[] = {{numbers.next_sender, said}};
    gateway::Input input;
    input.kind = gateway::InputKind::kMessage;
    input.session = session;
    input.now = gateway.now();
    input.bytes = bytes;
    input.inbound_seq = numbers.next_target;
    input.effects.outbound = staged;
    input.effects.next_target = numbers.next_target + 1;
    std::vector<std::uint64_t> memory(gateway::kRecordCapacity / 8);
    gateway::RecordWriter record(std::as_writable_bytes(std::span(memory)));
    gateway.core().handle(input, record);
    record.finish();
    records.emplace_back(record.content().begin(), record.content().end());
  };
  reject("35=D|11=A|1=ALPHA-2|55=EUR/USD|38=5000|40=2|44=1.1|60=20261123-12:00:00|",
         "35=3|45=2|371=54|372=D|373=1|58=Required tag missing|");
  reject("35=F|11=C|41=A|54=1|60=20261123-12:00:00|", "35=3|45=3|371=55|372=F|373=1|58=Required tag missing|");
  reject("35=V|262=M|", "35=3|45=4|371=263|372=V|373=1|58=Required tag missing|");
  EXPECT_EQ(gateway.state().decisions, 2u) << "a market data request asks for nothing that risk decides";
  EXPECT_EQ(gateway.state().orders.size(), 0u);
  project(records);

  const DecisionRow order = decision("A");
  EXPECT_EQ(order.outcome, "rejected");
  EXPECT_EQ(order.code, "bad_field");
  EXPECT_EQ(order.control, "core");
  EXPECT_EQ(order.client, "alpha");
  EXPECT_EQ(order.session, "alpha");
  EXPECT_EQ(order.account, "ALPHA-2");
  EXPECT_EQ(order.symbol, "EUR/USD");
  EXPECT_EQ(order.order_qty, Quantity::of(5'000).raw());
  EXPECT_EQ(order.text, "Required tag missing");
  EXPECT_EQ(decision("C", "F").code, "bad_field");
}

TEST_F(Decisions, AMessageWhoseIdCannotBeAnsweredIsRecordedToo) {
  Gateway gateway;
  const Sent answer = Gateway::only(
      gateway.from_client("alpha", "35=D|55=EUR/USD|54=1|38=5000|40=2|44=1.1|60=20261123-12:00:00|"), "j");
  EXPECT_EQ(answer[58], "ClOrdID(11) is missing");
  const std::string longest(64, 'X');
  Gateway::only(gateway.from_client("alpha", "35=G|11=" + longest +
                                                 "|41=A|55=EUR/USD|54=1|38=5000|40=2|44=1.1|"
                                                 "60=20261123-12:00:00|"),
                "j");
  project(gateway.records());
  const DecisionRow order = decision("");
  EXPECT_EQ(order.outcome, "rejected");
  EXPECT_EQ(order.code, "bad_field");
  EXPECT_EQ(order.client, "alpha");
  EXPECT_EQ(order.symbol, "EUR/USD");
  EXPECT_EQ(order.text, "ClOrdID(11) is missing");
  EXPECT_EQ(decision(longest, "G").text, "ClOrdID(11) is longer than 63 characters");
}

TEST_F(Decisions, AnAcceptedOrderIsRecordedAsFullyAsARefusedOne) {
  Gateway gateway;
  gateway.pass(Duration::seconds(3));
  gateway.from_client("alpha",
                      "35=D|50=DESK7|11=A|1=ALPHA-2|453=1|448=jo|447=D|452=12|55=EUR/USD|54=1|15=EUR|38=9000000|40=2|"
                      "44=1.1010|59=1|60=20261123-12:00:00|64=20261126|847=1001|1028=Y|");
  gateway.from_client("alpha",
                      "35=D|50=DESK7|11=B|55=EUR/USD|54=2|15=USD|38=12000000|40=2|44=1.1010|60=20261123-12:00:00|");
  project(gateway.records());

  const DecisionRow accepted = decision("A");
  EXPECT_EQ(accepted.outcome, "accepted");
  EXPECT_EQ(accepted.session, "alpha");
  EXPECT_EQ(accepted.client, "alpha");
  EXPECT_EQ(accepted.account, "ALPHA-2");
  EXPECT_EQ(accepted.trader, "jo") << "the party comes before SenderSubID(50)";
  EXPECT_EQ(accepted.strategy, "1001");
  EXPECT_EQ(accepted.manual, "Y");
  EXPECT_EQ(accepted.side, "buy");
  EXPECT_EQ(accepted.currency, "EUR");
  EXPECT_EQ(accepted.order_qty, Quantity::of(9'000'000).raw());
  EXPECT_EQ(accepted.price, Price::parse("1.1010")->raw());
  EXPECT_EQ(accepted.ord_type, "limit");
  EXPECT_EQ(accepted.time_in_force, "gtc");
  EXPECT_EQ(accepted.value_date, "2026-11-26");
  EXPECT_EQ(accepted.broker, "northbank");
  EXPECT_EQ(accepted.build_id, "00112233445566778899aabbccddeeff00112233");
  EXPECT_EQ(accepted.quote_age_ns, Duration::seconds(3).ns());
  EXPECT_EQ(accepted.base_rate_age_ns, Duration::seconds(3).ns());
  EXPECT_EQ(accepted.term_rate_age_ns, 0) << "the risk currency is its own rate";
  EXPECT_EQ(accepted.reserved_base, Quantity::of(9'000'000).raw());
  EXPECT_EQ(accepted.reserved_notional, Amount::of(9'900'000).raw());
  // 9.9 of 10 million of notional is nearer than 9 of 10 million of quantity.
  EXPECT_EQ(accepted.tightest.rfind(R"([["B2","firm","firm",990],)", 0), 0u) << accepted.tightest;
  EXPECT_EQ(accepted.scope, "firm");
  EXPECT_EQ(accepted.usage_before, 0);
  EXPECT_EQ(accepted.delta, Amount::of(9'900'000).raw());
  EXPECT_EQ(accepted.limit_value, Amount::of(10'000'000).raw());
  EXPECT_EQ(accepted.utilisation, 990);

  const DecisionRow refused = decision("B");
  EXPECT_EQ(refused.outcome, "rejected");
  EXPECT_EQ(refused.control, "B1") << "a term amount is tested on its base amount first";
  EXPECT_EQ(refused.currency, "USD");
  EXPECT_EQ(refused.trader, "DESK7");
  EXPECT_EQ(refused.order_qty, Quantity::of(12'000'000).raw());
  EXPECT_EQ(refused.limit_value, Quantity::of(10'000'000).raw());
  EXPECT_GT(refused.delta, *refused.limit_value);
  EXPECT_EQ(refused.utilisation, 1103) << "12,000,000 at 1.1010 with the buffer, in thousandths, rounded up";
  EXPECT_EQ(refused.broker, "");
  EXPECT_EQ(refused.reserved_base, std::nullopt);
  EXPECT_NE(refused.text.find("B1"), std::string::npos);
}

TEST_F(Decisions, TheClientsBytesAreFoundAtTheirPlaceInTheJournal) {
  Gateway gateway;
  gateway.from_client("alpha", "35=D|11=A|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|");
  project(gateway.records());
  const DecisionRow row = decision("A");
  auto reader = JournalReader::open(posix_file_system(), journal_directory());
  ASSERT_TRUE(reader.ok());
  while (true) {
    auto record = reader->next();
    ASSERT_TRUE(record.ok() && *record);
    if ((*record)->position.index != static_cast<std::uint64_t>(row.journal_index)) continue;
    const std::size_t at =
        static_cast<std::size_t>(row.message_offset) - (*record)->position.offset - kFrameHeaderBytes;
    const auto bytes = (*record)->payload.subspan(at, static_cast<std::size_t>(row.message_size));
    EXPECT_EQ(text_of(bytes).substr(0, 9), "8=FIX.4.4");
    EXPECT_NE(text_of(bytes).find("\x01"
                                  "11=A\x01"),
              std::string::npos);
    EXPECT_EQ(hexadecimal(checksum_of(bytes)), row.message_hash);
    return;
  }
}

TEST_F(Decisions, CancelsAndReplacesAndDuplicatesAreDecisionsToo) {
  Gateway gateway;
  const Sent order = Gateway::only(
      gateway.from_client("alpha", "35=D|11=A|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|"), "D");
  gateway.from_broker(
      "northbank", "35=8|37=N1|11=" + order[11] + "|17=E0|150=0|39=0|55=EUR/USD|54=1|38=5000000|14=0|151=5000000|6=0|");
  // The same ClOrdID again, with other terms.
  gateway.from_client("alpha", "35=D|11=A|55=GBP/USD|54=2|38=1000000|40=1|60=20261123-12:00:00|");
  gateway.from_client("alpha", "35=G|11=R|41=A|55=EUR/USD|54=1|38=6000000|40=2|44=1.1010|60=20261123-12:00:00|");
  gateway.from_client("alpha", "35=G|11=R2|41=A|55=EUR/USD|54=1|38=60000000|40=2|44=1.1010|60=20261123-12:00:00|");
  gateway.from_client("alpha", "35=F|11=C|41=A|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|");
  gateway.from_client("alpha", "35=F|11=C2|41=NONE|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|");
  gateway.from_client("alpha", "35=F|11=C3|41=A|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|");
  project(gateway.records());

  auto twice = rows_of<DecisionRow>("cl_ord_id = 'A' ORDER BY decision");
  ASSERT_EQ(twice.size(), 2u);
  EXPECT_EQ(twice[1].outcome, "rejected");
  EXPECT_EQ(twice[1].control, "A4");
  EXPECT_EQ(twice[1].order_id, twice[0].order_id) << "leads to the first order";
  EXPECT_EQ(twice[1].order_qty, Quantity::of(1'000'000).raw()) << "and tells the second one's terms";
  EXPECT_EQ(twice[1].text, "");

  const DecisionRow replaced = decision("R", "G");
  EXPECT_EQ(replaced.outcome, "accepted");
  EXPECT_EQ(replaced.orig_cl_ord_id, "A");
  EXPECT_EQ(replaced.order_qty, Quantity::of(6'000'000).raw());
  EXPECT_EQ(replaced.reserved_base, Quantity::of(6'000'000).raw());
  EXPECT_EQ(replaced.broker, "northbank");
  const DecisionRow too_large = decision("R2", "G");
  EXPECT_EQ(too_large.outcome, "rejected");
  EXPECT_EQ(too_large.order_qty, Quantity::of(60'000'000).raw());
  EXPECT_EQ(too_large.orig_cl_ord_id, "A");

  const DecisionRow cancelled = decision("C", "F");
  EXPECT_EQ(cancelled.outcome, "accepted");
  EXPECT_EQ(cancelled.orig_cl_ord_id, "A");
  EXPECT_EQ(cancelled.symbol, "EUR/USD");
  EXPECT_EQ(cancelled.broker, "northbank");
  const DecisionRow unknown = decision("C2", "F");
  EXPECT_EQ(unknown.code, "unknown_order");
  EXPECT_EQ(unknown.order_number, std::nullopt);
  EXPECT_EQ(unknown.client, "alpha") << "of the session";
  EXPECT_EQ(decision("C3", "F").code, "already_pending");
}

TEST_F(Decisions, AreFoundByControlOutcomeAndTimeInPagesThatJoin) {
  Gateway gateway;
  const UtcTime begin = gateway.now();
  for (int i = 0; i < 30; ++i) {
    gateway.pass(Duration::seconds(1));
    const std::string quantity = i % 3 == 0 ? "20000000" : "1000000";
    gateway.from_client("alpha", "35=D|11=A" + std::to_string(i) + "|55=EUR/USD|54=1|38=" + quantity +
                                     "|40=2|44=1.1010|60=20261123-12:00:00|");
  }
  project(gateway.records());
  for (const std::string& url : urls()) {
    BlotterQueries queries(url, "LDN1");
    BlotterFilter filter;
    filter.control = "B1";
    filter.limit = 4;
    std::vector<std::string> seen;
    while (true) {
      auto page = queries.decisions(filter);
      ASSERT_TRUE(page.ok()) << page.error().what;
      for (const DecisionRow& row : page->rows) seen.push_back(row.cl_ord_id);
      if (!page->next_before) break;
      filter.before = page->next_before;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"A27", "A24", "A21", "A18", "A15", "A12", "A9", "A6", "A3", "A0"}));
    filter = BlotterFilter();
    filter.outcome = "accepted";
    filter.from_ns = (begin + Duration::seconds(5)).ns();
    filter.to_ns = (begin + Duration::seconds(9)).ns();
    const auto page = queries.decisions(filter);
    ASSERT_TRUE(page.ok());
    seen.clear();
    for (const DecisionRow& row : page->rows) seen.push_back(row.cl_ord_id);
    EXPECT_EQ(seen, (std::vector<std::string>{"A7", "A5", "A4"}));
  }
}

TEST(MessageFacts, OfWhatIsNoMessageThereAreNone) {
  RecordTexts texts;
  const MessageFacts none = read_message("not FIX", texts);
  EXPECT_TRUE(none.cl_ord_id.empty());
  EXPECT_FALSE(none.order_qty);
  EXPECT_TRUE(read_message("", texts).symbol.empty());
}

}  // namespace
}  // namespace portcullis::persistence::testing
