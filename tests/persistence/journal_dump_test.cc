#include "persistence/journal_dump.h"

#include <gtest/gtest.h>

#include "persistence/start_file.h"
#include "tests/persistence/journal_fixture.h"
#include "tests/persistence/trading_day.h"

namespace portcullis::persistence::testing {
namespace {

class JournalDump : public ::testing::Test {
 protected:
  void SetUp() override {
    auto journal = Journal::open(posix_file_system(), directory_, manual_options(JournalDurability::kProcess));
    ASSERT_TRUE(journal.ok());
    TradingDay day(into(**journal));
    day.names();
    while (day.orders() < 30) day.order();
    last_ = (*journal)->last_index();
    ASSERT_TRUE((*journal)->close().ok());
  }

  std::vector<std::string> dump(DumpOptions options) {
    std::vector<std::string> pieces;
    auto count = dump_journal(posix_file_system(), directory_, options, [&](std::string_view piece) {
      pieces.emplace_back(piece);
      return true;
    });
    EXPECT_TRUE(count.ok()) << (count.ok() ? "" : count.error().what);
    EXPECT_EQ(*count, pieces.size());
    return pieces;
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path() + "/journal";
  std::uint64_t last_ = 0;
};

TEST_F(JournalDump, WritesALineOfJsonForEachRecord) {
  const auto lines = dump({DumpFormat::kJsonLines, 0, JournalReader::kNoLimit});
  ASSERT_EQ(lines.size(), last_);
  for (const std::string& line : lines) {
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_EQ(line.substr(line.size() - 2), "}\n");
  }
  EXPECT_TRUE(lines[0].starts_with(R"({"index":1,)")) << lines[0];
  EXPECT_NE(lines[0].find(R"({"type":"NameAdded","kind":2,"index":0,"name":"northbank"})"), std::string::npos)
      << lines[0];
  EXPECT_NE(lines[1].find(R"("type":"OrderAccepted","order":0,)"), std::string::npos) << lines[1];
}

TEST_F(JournalDump, TextShowsNoControlCharacters) {
  for (const std::string& text : dump({})) {
    for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  }
}

TEST_F(JournalDump, GivesAPart) {
  const auto lines = dump({DumpFormat::kJsonLines, 10, 3});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_TRUE(lines[0].starts_with(R"({"index":11,)"));
}

TEST_F(JournalDump, VerifyTellsWhatIsThere) {
  const std::string journal = find_journal(posix_file_system(), temporary_.path());
  EXPECT_EQ(journal, directory_);
  EXPECT_EQ(find_journal(posix_file_system(), directory_), directory_);
  auto report = verify_journal(posix_file_system(), journal);
  ASSERT_TRUE(report.ok());
  const std::string text = describe(*report);
  EXPECT_NE(text.find(std::to_string(last_) + " records, 1 to " + std::to_string(last_)), std::string::npos) << text;
  EXPECT_NE(text.find("stopped cleanly"), std::string::npos);
}

}  // namespace
}  // namespace portcullis::persistence::testing
