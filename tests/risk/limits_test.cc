#include "risk/limits.h"

#include <gtest/gtest.h>

// The raw form of limits, as events and snapshots carry it.

namespace portcullis::risk {
namespace {

TEST(RawLimits, ASetKeepsEveryValueThatItsNamesKnow) {
  for (const auto& [limit, text] :
       {std::pair(Limit::kOrderTypes, "market,limit,stop,stop_limit,previously_quoted,swap"),
        std::pair(Limit::kTimesInForce, "day,gtc,ioc,fok,gtd")}) {
    const auto value = config::parse_limit(limit, text);
    ASSERT_TRUE(value.ok());
    EXPECT_EQ(config::to_text(from_raw(limit, to_raw(*value))), text);
  }
}

TEST(RawLimits, EveryLimitComesBackAsItWas) {
  for (const config::LimitInfo& info : config::limits_table()) {
    const std::string_view text = info.kind == config::LimitKind::kDuplicateOrders ? "5/1s"
                                  : info.kind == config::LimitKind::kOrderTypes    ? "limit,swap"
                                  : info.kind == config::LimitKind::kTimesInForce  ? "gtc,gtd"
                                                                                   : "42";
    const auto value = config::parse_limit(info.limit, text);
    ASSERT_TRUE(value.ok()) << info.name;
    EXPECT_EQ(config::to_text(from_raw(info.limit, to_raw(*value))), text) << info.name;
  }
}

}  // namespace
}  // namespace portcullis::risk
