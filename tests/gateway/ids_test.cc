#include "gateway/ids.h"

#include <gtest/gtest.h>

namespace portcullis::gateway {
namespace {

TEST(GivenIds, ReadBackWhatWasWritten) {
  const std::uint64_t epoch = 1'795'000'000;
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{35}, std::uint64_t{36}, std::uint64_t{123'456'789'012}}) {
    const IdBuffer cl_ord_id = IdBuffer::cl_ord_id("LDN1", epoch, order::RequestNumber(number));
    const auto request = parse_cl_ord_id("LDN1", cl_ord_id.view());
    ASSERT_TRUE(request) << cl_ord_id.view();
    EXPECT_EQ(request->epoch, epoch);
    EXPECT_EQ(request->number, number);
    const IdBuffer order_id = IdBuffer::order_id("LDN1", epoch, order::OrderNumber(number));
    const auto order = parse_order_id("LDN1", order_id.view());
    ASSERT_TRUE(order) << order_id.view();
    EXPECT_EQ(order->epoch, epoch);
    EXPECT_EQ(order->number, number);
  }
}

TEST(GivenIds, RefuseWhatIsNotTheirs) {
  for (const char* text : {"", "LDN1", "LDN1R", "LDN2R0TP4QO00", "LDN1R0TP4QO", "LDN1R0tp4qo0A", "LDN1R0TP4QO0*",
                           "LDN1R0TP4QO00000000000000000000000"}) {
    EXPECT_FALSE(parse_cl_ord_id("LDN1", text)) << text;
  }
  for (const char* text : {"", "LDN1-O", "LDN1-O1", "LDN1-O1-", "LDN1-O-1", "LDN1-E1-1", "XXX-O1-1"}) {
    EXPECT_FALSE(parse_order_id("LDN1", text)) << text;
  }
}

}  // namespace
}  // namespace portcullis::gateway
