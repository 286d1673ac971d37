#include <gtest/gtest.h>

#include <array>

#include "fix/decode.h"
#include "fix/encode.h"
#include "fix/render.h"
#include "tests/fix/count_allocations.h"
#include "tests/fix/dialects.h"

// On an order's path the codec allocates nothing.

namespace portcullis::fix {
namespace {

TEST(Codec, DoesNotAllocateOnAnOrdersPath) {
  const Dialect v42 = dialect_of(FixVersion::kFix42);
  const Dialect v44 = dialect_of(FixVersion::kFix44);
  const std::string order_bytes =
      framed("FIX.4.4", head("D") +
                            "11=A1|453=2|448=X|447=D|452=1|802=1|523=S|803=1|448=Y|447=D|452=3|1=ALPHA-1|55=EUR/USD|"
                            "54=1|60=20261122-12:00:00|38=1000|40=2|44=1.1|59=0|18=1 G|58=some text for the broker|"
                            "5001=u|354=3|355=abc|");
  const std::string report_bytes =
      framed("FIX.4.2", head("8") +
                            "37=B1|11=G1|17=E1|20=0|150=1|39=1|55=EUR/USD|54=1|38=1000|32=300|31=1.1|30=XLON|151=700|"
                            "14=300|6=1.1|382=1|375=X|58=partial|");
  auto message = std::make_unique<ScannedMessage>();
  static std::array<char, 65'536> buffer;
  const UtcTime now = UtcTime::from_ns(1'795'000'000'000'000'000);
  long before = 0;
  for (int round = 0; round < 3; ++round) {
    if (round == 1) before = allocations();  // the first round fills the table of groups
    ASSERT_FALSE(scan(order_bytes, *message));
    ASSERT_TRUE(v44.dictionary().understand(*message, true));
    const Command command = decode(*message, v44, order::SessionId(1));
    const auto& in = std::get<order::NewOrderSingle>(command);
    order::OutboundNewOrder out;
    out.cl_ord_id = "LDN1-1";
    out.account = in.account;
    out.symbol = in.symbol;
    out.terms = in.terms;
    out.fields = in.fields;
    for (const Dialect* dialect : {&v42, &v44}) ASSERT_FALSE(render(*dialect, 5, now, out, buffer).empty());

    ASSERT_FALSE(scan(report_bytes, *message));
    ASSERT_TRUE(v42.dictionary().understand(*message, true));
    const Command report_command = decode(*message, v42, order::SessionId(1));
    const auto& report = std::get<order::ExecutionReport>(report_command);
    order::OutboundExecutionReport told;
    told.order_id = "LDN1-O1";
    told.exec_id = "LDN1-E1";
    told.cl_ord_id = "A1";
    told.symbol = report.symbol;
    told.exec_type = report.exec_type;
    told.ord_status = report.ord_status;
    told.fields = report.fields;
    for (const Dialect* dialect : {&v42, &v44}) ASSERT_FALSE(render(*dialect, 6, now, told, buffer).empty());
    ASSERT_FALSE(retransmit(report_bytes, now, buffer).empty());
  }
  EXPECT_EQ(allocations() - before, 0);
}

}  // namespace
}  // namespace portcullis::fix
