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

// What an id begins with is kept from the one before, which may be of another gateway or start.
TEST(GivenIds, AreOfTheirOwnGatewayAndEpochWhateverCameBefore) {
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(IdBuffer::order_id("LDN1", 40, order::OrderNumber(7)).view(), "LDN1-O14-7");
    EXPECT_EQ(IdBuffer::order_id("LDN2", 40, order::OrderNumber(7)).view(), "LDN2-O14-7");
    EXPECT_EQ(IdBuffer::exec_id("LDN2", 40, order::ExecutionNumber(1296)).view(), "LDN2-E14-100");
    EXPECT_EQ(IdBuffer::exec_id("LDN2", 41, order::ExecutionNumber(1296)).view(), "LDN2-E15-100");
    EXPECT_EQ(IdBuffer::cl_ord_id("LDN2", 41, order::RequestNumber(35)).view(), "LDN2R0000015Z");
    EXPECT_EQ(IdBuffer::cl_ord_id("X", 41, order::RequestNumber(35)).view(), "XR0000015Z");
    EXPECT_EQ(IdBuffer::cl_ord_id("LONDON12", 1'795'000'000, order::RequestNumber(35)).view(), "LONDON12R0TOP2V4Z");
    EXPECT_EQ(IdBuffer::order_id("LONDON12", ~std::uint64_t{0}, order::OrderNumber(~std::uint64_t{0} - 1)).view(),
              "LONDON12-O3W5E11264SGSF-3W5E11264SGSE");
    EXPECT_EQ(IdBuffer::own_exec_id("X", 41, order::SessionId(3), 2, 36).view(), "X-S15-3-2-10");
    // Ids of other gateways and starts than the last one, whose beginning is known.
    IdBuffer::cl_ord_id("LDN1", 41, order::RequestNumber(0));
    EXPECT_FALSE(parse_cl_ord_id("LDN2", "LDN1R00000150"));
    EXPECT_FALSE(parse_cl_ord_id("LDN", "LDN1R00000150"));
    EXPECT_FALSE(parse_cl_ord_id("LDN1", "LDN1R0000015"));
    EXPECT_FALSE(parse_cl_ord_id("LDN1", "LDN1R000001501")) << "a leading zero";
    EXPECT_EQ(parse_cl_ord_id("LDN1", "LDN1R0000015Z")->epoch, 41u);
    EXPECT_EQ(parse_cl_ord_id("LDN1", "LDN1R0000014Z")->epoch, 40u);
    EXPECT_EQ(parse_cl_ord_id("LDN1", "LDN1R0000014Z")->number, 35u);
    EXPECT_EQ(parse_cl_ord_id("LDN2", "LDN2R0000015Z")->epoch, 41u);
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
