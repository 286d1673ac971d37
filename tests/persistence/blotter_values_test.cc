#include "persistence/blotter/evidence.h"
#include "tests/persistence/blotter_fixture.h"

namespace portcullis::persistence::testing {
namespace {

order::CheckResult check_of(order::Control control, std::int64_t usage, std::int64_t delta, std::int64_t limit,
                            bool passed) {
  order::CheckResult check{};
  check.control = control;
  check.passed = passed ? 1 : 0;
  check.usage = usage;
  check.delta = delta;
  check.limit = limit;
  return check;
}

TEST(Evidence, GivesBackEachFigureAndTheNearestLimits) {
  const std::string plan =
      R"([["A1","firm","firm",0,false],["B1","firm","firm",100,true],["B2","client","a\"b",1000,true],["B3","firm","firm",7,false],["D2","account","x",50,true]])";
  std::string kept;
  const auto append_check = [](std::string& to, const order::CheckResult& check, std::int64_t limit) {
    char text[kMostOfACheck];
    to.append(text, put_check(text, check, limit));
  };
  append_check(kept, check_of(order::Control::kA1, 0, 0, 0, true), 0);
  append_check(kept, check_of(order::Control::kB1, 0, 90, 100, true), 100);
  append_check(kept, check_of(order::Control::kB2, INT64_MIN, INT64_MAX, -5, true), 1000);
  append_check(kept, check_of(order::Control::kB3, -125607000, 0, -122500000, false), 7);
  append_check(kept, check_of(order::Control::kD2, 40, 20, 50, false), 50);
  EXPECT_EQ(kept, "0 0;0 90;-9223372036854775808 9223372036854775807 -5;-125607000 0 -122500000!;40 20!;");
  DecisionRow row;
  row.outcome = "accepted";
  row.kept_checks = kept;
  ASSERT_TRUE(show_checks(plan, row).ok());
  EXPECT_EQ(
      row.checks,
      R"([["A1","firm","firm",0,0,0,true],["B1","firm","firm",0,90,100,true],["B2","client","a\"b",-9223372036854775808,9223372036854775807,-5,true],["B3","firm","firm",-125607000,0,-122500000,false],["D2","account","x",40,20,50,false]])");
  EXPECT_EQ(row.tightest, R"([["D2","account","x",1200],["B1","firm","firm",900],["B2","client","a\"b",0]])");
  EXPECT_EQ(row.node, "x");
  EXPECT_EQ(row.utilisation, 1200);
  EXPECT_EQ(*limits_of(plan, 5), (std::vector<std::int64_t>{0, 100, 1000, 7, 50}));
}

TEST(Evidence, WhatIsNotAsItWasWrittenIsAnError) {
  const std::string plan = R"([["B1","firm","firm",100,true]])";
  for (const char* kept : {"", "1", "1 ", "1 2", "1 2 ;", "x 2;", "1 2!", "1  2;"}) {
    DecisionRow row;
    row.kept_checks = kept;
    EXPECT_FALSE(show_checks(plan, row).ok()) << kept;
  }
  DecisionRow row;
  row.kept_checks = "1 2;";
  EXPECT_TRUE(show_checks(plan, row).ok());
  for (const char* other : {"", "{}", "[1]", R"([["B1","firm","firm"]])", R"([["B1","firm","firm","100",true]])"}) {
    EXPECT_FALSE(show_checks(other, row).ok()) << other;
    EXPECT_FALSE(limits_of(other, 1).ok()) << other;
  }
  EXPECT_FALSE(limits_of(plan, 2).ok());
}

TEST(RowBatches, GiveBackEachValueAsItIs) {
  RowBatch batch;
  for (int round = 0; round < 2; ++round) {
    batch.clear();
    EXPECT_TRUE(batch.empty());
    std::vector<std::string> texts;
    for (std::size_t size = 0; size <= 70; ++size)
      texts.push_back(std::string(size, 'w').replace(0, size / 3, size / 3, 'v'));
    for (const std::size_t size : {252, 253, 70'000}) texts.push_back(std::string(size, 'x'));
    std::size_t most = 4 * RowBatch::kMostOfAValue;
    for (const std::string& text : texts) most += RowBatch::kMostOfAValue + text.size();
    RowBatch::Writer row = batch.begin(most);
    row.add(std::int64_t{-7});
    row.add(std::string_view("a\tb"));
    row.add_absent();
    row.add(std::string_view());
    for (const std::string& text : texts) row.add(text);
    batch.end(row);
    RowBatch::Reader reader(batch);
    EXPECT_EQ(reader.next().integer, -7);
    EXPECT_EQ(reader.next().text, "a\tb");
    EXPECT_EQ(reader.next().kind, RowBatch::Kind::kAbsent);
    const RowBatch::Cell empty = reader.next();
    EXPECT_EQ(empty.kind, RowBatch::Kind::kText);
    EXPECT_TRUE(empty.text.empty());
    for (const std::string& text : texts) EXPECT_EQ(reader.next().text, text);
    EXPECT_TRUE(reader.done());
  }
}

// Tabs, line ends, backslashes and absent values, which COPY writes in a way of its own.
TEST_P(Blotter, KeepsWhateverATextHolds) {
  auto opened = store();
  ASSERT_NE(opened, nullptr);
  ASSERT_TRUE(migrate(*opened).ok());
  const std::string odd = "tab\t, line\n, return\r, backslash\\, \\N, \\., quote\", brace}, \xc3\xa9";
  RowBatch rows;
  for (std::int64_t i = 1; i <= 2; ++i) {
    RefusalRow row;
    row.journal_index = i;
    row.text = i == 1 ? odd : "";
    row.code = "\\N";
    if (i == 2) row.order_number = 5;
    append_row(row, rows);
  }
  ASSERT_TRUE(opened->begin().ok());
  auto written = opened->upsert(kRefusalsTable, rows);
  ASSERT_TRUE(written.ok()) << written.error().what;
  ASSERT_TRUE(opened->upsert(kRefusalsTable, rows).ok()) << "the same rows again take their places";
  ASSERT_TRUE(opened->commit().ok());
  auto read = opened->query("SELECT " + column_list(kRefusalsTable) + " FROM refusals ORDER BY journal_index", {},
                            column_types(kRefusalsTable));
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 2u);
  RefusalRow first;
  RefusalRow second;
  from_row((*read)[0], first);
  from_row((*read)[1], second);
  EXPECT_EQ(first.text, odd);
  EXPECT_EQ(first.code, "\\N");
  EXPECT_FALSE(first.order_number);
  EXPECT_EQ(second.text, "");
  EXPECT_EQ(second.order_number, 5);
}

TEST(CleanText, IsAlwaysUtf8WithoutNul) {
  EXPECT_EQ(clean_text("plain"), "plain");
  EXPECT_EQ(clean_text(std::string_view("a\0b", 3)), "a?b");
  EXPECT_EQ(clean_text("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(clean_text("\xFF\xC3"), "??");
  EXPECT_EQ(clean_text("\xED\xA0\x80"), "???") << "a surrogate";
  EXPECT_EQ(clean_text("\xC0\xAF"), "??") << "an overlong form";
}

TEST(CleanText, FindsAByteThatIsNotPlainWhereverItStands) {
  for (std::size_t size = 0; size <= 40; ++size) {
    for (const char plain : {'\x01', 'a', '\x7f'}) EXPECT_TRUE(is_plain_text(std::string(size, plain)));
    for (std::size_t at = 0; at < size; ++at) {
      for (const char other : {'\0', '\x80', '\xff'}) {
        std::string text(size, '\x01');
        text[at] = other;
        EXPECT_FALSE(is_plain_text(text)) << at << " of " << size;
      }
    }
  }
}

TEST(BlotterUrl, IsShownWithoutItsPassword) {
  EXPECT_EQ(loggable_url("postgresql://u:secret@h:5432/d"), "postgresql://u:***@h:5432/d");
  EXPECT_EQ(loggable_url("sqlite:/a/b.db"), "sqlite:/a/b.db");
  EXPECT_FALSE(open_store("mysql://x", "LDN1").ok());
}

}  // namespace
}  // namespace portcullis::persistence::testing
