#include "fix/dialect.h"

#include "tests/fix/dialects.h"

namespace portcullis::fix {
namespace {

std::string error_of(const DialectSettings& settings, const Dictionary& dictionary) {
  RenderPlans plans;
  const Result<Dialect> dialect = Dialect::make(settings, dictionary, plans);
  return dialect.ok() ? "" : dialect.error().what;
}

TEST(Dialect, NamesWithoutAnEntryAreTheSameOnBothSides) {
  DialectSettings settings = settings_of(FixVersion::kFix44);
  settings.symbols = {{"GBP/USD", "GBPUSD"}, {"EUR/USD", "EURUSD"}};
  const Dialect dialect = dialect_of(settings);
  EXPECT_EQ(dialect.their_symbol("EUR/USD"), "EURUSD");
  EXPECT_EQ(dialect.our_symbol("GBPUSD"), "GBP/USD");
  EXPECT_EQ(dialect.their_symbol("USD/JPY"), "USD/JPY");
  EXPECT_EQ(dialect.our_symbol("USD/JPY"), "USD/JPY");
}

TEST(Dialect, IdentityStaysRightWhenTheDialectMoves) {
  Dialect first = dialect_of(FixVersion::kFix42);
  const Dialect second = std::move(first);
  EXPECT_EQ(second.identity().begin_string, "FIX.4.2");
  EXPECT_EQ(second.identity().sender_comp_id, "PORTCULLIS");
  EXPECT_EQ(second.identity().target_comp_id, "PEER");
}

// A thousand sessions of a few versions have the plans of a few, whoever they are.
TEST(Dialect, SharesItsPlansWithThoseThatAddAndDropTheSame) {
  DialectSettings settings = settings_of(FixVersion::kFix44);
  const Dialect one = dialect_of(settings);
  settings.their_comp_id = "ANOTHER";
  settings.symbols = {{"EUR/USD", "EURUSD"}};
  const Dialect other = dialect_of(settings);
  EXPECT_EQ(&one.plan(Outbound::kReport), &other.plan(Outbound::kReport));
  EXPECT_EQ(one.addresses(), soh("49=PORTCULLIS|56=PEER|34="));
  EXPECT_EQ(other.addresses(), soh("49=PORTCULLIS|56=ANOTHER|34="));

  settings.drop = {58};
  const Dialect drops = dialect_of(settings);
  EXPECT_NE(&one.plan(Outbound::kReport), &drops.plan(Outbound::kReport));
  EXPECT_TRUE(one.plan(Outbound::kReport).writes.contains(58));
  EXPECT_FALSE(drops.plan(Outbound::kReport).writes.contains(58));
  settings.drop.clear();
  settings.add = {{21, "2"}};
  EXPECT_NE(&one.plan(Outbound::kNewOrder), &dialect_of(settings).plan(Outbound::kNewOrder));
  EXPECT_NE(&one.plan(Outbound::kReport), &dialect_of(FixVersion::kFix42).plan(Outbound::kReport));
}

TEST(Dialect, RefusesSettingsThatCannotWork) {
  const Dictionary& v44 = dictionary_of(FixVersion::kFix44);
  DialectSettings settings = settings_of(FixVersion::kFix44);
  EXPECT_EQ(error_of(settings, v44), "");
  EXPECT_NE(error_of(settings, dictionary_of(FixVersion::kFix42)), "");

  DialectSettings changed = settings;
  changed.version = FixVersion::kFix50Sp2;
  EXPECT_NE(error_of(changed, v44).find("not supported"), std::string::npos);
  changed = settings;
  changed.symbols = {{"EUR/USD", "X"}, {"GBP/USD", "X"}};
  EXPECT_NE(error_of(changed, v44).find("one to one"), std::string::npos);
  changed = settings;
  changed.add = {{35, "D"}};
  EXPECT_NE(error_of(changed, v44).find("35"), std::string::npos);
  changed = settings;
  changed.drop = {11};
  EXPECT_NE(error_of(changed, v44).find("11"), std::string::npos);
  changed = settings;
  changed.add = {{5001, soh("a|b")}};
  EXPECT_NE(error_of(changed, v44), "");
  changed = settings;
  changed.avg_px_decimals = 9;
  EXPECT_NE(error_of(changed, v44), "");
  changed = settings;
  changed.our_comp_id = "";
  EXPECT_NE(error_of(changed, v44), "");
}

}  // namespace
}  // namespace portcullis::fix
