#include "config/limits.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "config/config.h"

namespace portcullis::config {
namespace {

TEST(LimitsTable, NamesEachLimitOnceAndFindsItAgain) {
  std::set<std::string_view> names;
  ASSERT_EQ(limits_table().size(), kLimitCount);
  for (const LimitInfo& info : limits_table()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(find_limit(info.name), info.limit);
    EXPECT_TRUE(info.scopes.contains(LimitScope::kFirm)) << info.name;
  }
  EXPECT_EQ(find_limit("max_order_qty"), std::nullopt);
}

TEST(LimitsTable, EnforcesEveryLimit) {
  for (const LimitInfo& info : limits_table()) EXPECT_TRUE(info.enforced) << info.name;
}

TEST(Limits, KeepsTheTextOfEachKindExactly) {
  const std::pair<std::string_view, std::string> cases[] = {
      {"max_order_quantity", "10000000"},   {"max_order_quantity", "0.001"},
      {"max_order_notional", "1000000.05"}, {"price_collar_percent", "2.5"},
      {"max_open_orders", "100000"},        {"duplicate_orders", "5/1s"},
      {"order_types", "market,limit"},      {"order_types", ""},
      {"times_in_force", "day,gtd"},        {"max_gross_open_notional", "0"},
  };
  for (const auto& [name, text] : cases) {
    const Limit limit = *find_limit(name);
    const auto value = parse_limit(limit, text);
    ASSERT_TRUE(value.ok()) << name << ": " << value.error().what;
    LimitSet set;
    EXPECT_EQ(get_limit(set, limit), std::nullopt);
    set_limit(set, limit, *value);
    ASSERT_TRUE(get_limit(set, limit).has_value());
    EXPECT_EQ(to_text(*get_limit(set, limit)), text);
    set_limit(set, limit, std::nullopt);
    EXPECT_EQ(set, LimitSet{});
  }
}

TEST(Limits, RefusesWhatIsNoSuchValueAndSaysWhatWasExpected) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"max_order_quantity", "-1"},      {"max_order_quantity", "0.0001"}, {"max_order_quantity", ""},
      {"max_order_notional", "1e6"},     {"max_order_notional", "0.001"},  {"max_order_notional", "99999999999999999"},
      {"price_collar_percent", "101"},   {"price_collar_percent", "two"},  {"max_open_orders", "1.5"},
      {"max_open_orders", "-3"},         {"duplicate_orders", "5"},        {"duplicate_orders", "0/1s"},
      {"duplicate_orders", "5/0s"},      {"duplicate_orders", "5/3601s"},  {"duplicate_orders", ""},
      {"order_types", "market,iceberg"}, {"times_in_force", "opening"},
  };
  for (const auto& [name, text] : cases) {
    const auto value = parse_limit(*find_limit(name), text);
    ASSERT_FALSE(value.ok()) << name << " " << text;
    EXPECT_NE(value.error().what.find("expected"), std::string::npos) << value.error().what;
    EXPECT_NE(value.error().what.find(name), std::string::npos) << value.error().what;
  }
}

TEST(Limits, SetsMeetInWhatBothAllow) {
  OrderTypes firm;
  firm.insert(OrderType::kLimit);
  firm.insert(OrderType::kMarket);
  OrderTypes client;
  client.insert(OrderType::kLimit);
  client.insert(OrderType::kStop);
  EXPECT_EQ(to_text(LimitValue(firm.intersection(client))), "limit");
}

TEST(Limits, WithinACapIsWhatLetsNothingMorePass) {
  const struct {
    const char* name;
    const char* cap;
    const char* within;
    const char* beyond;
  } cases[] = {{"max_order_quantity", "10", "10", "10.001"},           {"max_order_notional", "10", "9.99", "10.01"},
               {"price_collar_percent", "2", "0", "2.000001"},         {"max_open_orders", "3", "3", "4"},
               {"duplicate_orders", "5/2s", "5/3s", "5/1s"},           {"duplicate_orders", "5/2s", "4/2s", "6/2s"},
               {"order_types", "market,limit", "limit", "limit,stop"}, {"times_in_force", "day,ioc", "", "day,gtc"}};
  for (const auto& [name, cap, within, beyond] : cases) {
    const Limit limit = *find_limit(name);
    const LimitValue at_most = *parse_limit(limit, cap);
    EXPECT_TRUE(is_within(limit, *parse_limit(limit, within), at_most)) << name << " " << within;
    EXPECT_FALSE(is_within(limit, *parse_limit(limit, beyond), at_most)) << name << " " << beyond;
  }
}

TEST(ConfigText, WritesAddressesAndTimesAsTheFileDoes) {
  EXPECT_EQ((Endpoint{"127.0.0.1", 9880}.to_string()), "127.0.0.1:9880");
  EXPECT_EQ((Endpoint{"::1", 9880}.to_string()), "[::1]:9880");
  AddressRange range;
  range.prefix_bits = 8;
  range.address[0] = 127;
  EXPECT_EQ(range.to_string(), "127.0.0.0/8");
  AddressRange six;
  six.ipv6 = true;
  six.prefix_bits = 32;
  six.address = {0x20, 0x01, 0x0d, 0xb8};
  EXPECT_EQ(six.to_string(), "2001:db8:0:0:0:0:0:0/32");
  EXPECT_EQ((ScheduleTime{0, 17 * 3600 + 5 * 60}.to_string()), "Sun 17:05");
  EXPECT_EQ((ScheduleTime{std::nullopt, 17 * 3600 + 1}.to_string()), "daily 17:00:01");
}

}  // namespace
}  // namespace portcullis::config
