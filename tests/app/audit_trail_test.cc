#include "app/audit_trail.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "order/governance.h"
#include "persistence/journal.h"
#include "persistence/start_file.h"
#include "tests/gateway/fixture.h"

namespace portcullis::app {
namespace {

// The records of some commands: done, proposed, refused, and one that is nobody's.
std::vector<std::vector<std::byte>> some_records() {
  gateway::testing::Gateway gateway;
  order::RequestChange stop;
  stop.change.kind = order::ProposalKind::kScopeState;
  stop.change.state = order::ScopeState::kBlockNew;
  stop.change.maker = order::UserText("ops");
  stop.change.maker_role = order::Role::kOperator;
  stop.change.reason = order::ReasonText("odd prices");
  gateway.command(stop);
  order::RequestChange lift = stop;
  lift.change.state = order::ScopeState::kActive;
  gateway.command(lift);
  gateway.command(order::DecideProposal{0, true, order::UserText("ops"), order::Role::kOperator, {}});
  order::NoteAudit note;
  note.action = order::IdText("GET /orders");
  note.detail = order::ReasonText("authentication failed");
  gateway.command(note);
  return gateway.records();
}

class AuditTrail : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "portcullis-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  // A journal of these records, sound in every frame whatever is in them; what its trail says.
  Result<AuditReport> verified(const std::vector<std::vector<std::byte>>& records) {
    persistence::JournalOptions options;
    options.durability = persistence::JournalDurability::kProcess;
    options.segment_bytes = std::uint64_t{1} << 20;
    options.reserve_bytes = 0;
    const std::string where = persistence::journal_directory(directory_ + "/" + std::to_string(++journals_));
    std::filesystem::create_directories(std::filesystem::path(where).parent_path());
    auto journal = persistence::Journal::open(persistence::posix_file_system(), where, options);
    if (!journal) return journal.error();
    for (const auto& content : records) {
      const auto memory = (*journal)->begin(content.size());
      std::memcpy(memory.data(), content.data(), content.size());
      (*journal)->commit(content.size());
    }
    EXPECT_TRUE((*journal)->close().ok());
    return verify_audit_trail(where);
  }

  std::string directory_;
  int journals_ = 0;
};

// Where the bytes of `text` stand in a record; the record must hold them.
std::size_t place_of(const std::vector<std::byte>& record, std::string_view text) {
  const auto* begin = reinterpret_cast<const char*>(record.data());
  const std::size_t at = std::string_view(begin, record.size()).find(text);
  EXPECT_NE(at, std::string_view::npos);
  return at;
}

TEST_F(AuditTrail, HasALineForEachCommandWhateverCameOfIt) {
  const auto report = verified(some_records());
  ASSERT_TRUE(report.ok()) << report.error().what;
  EXPECT_EQ(report->lines, 5u) << "the configuration and four commands";
  EXPECT_EQ(to_hex(report->head).size(), 64u);
}

TEST_F(AuditTrail, FindsALineThatWasChanged) {
  auto records = some_records();
  auto& note = records.back();
  note[place_of(note, "authentication failed")] = std::byte{'A'};
  const auto report = verified(records);
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().what.find("is not what its digest was made of"), std::string::npos) << report.error().what;
}

TEST_F(AuditTrail, FindsALineThatWasLeftOut) {
  auto records = some_records();
  records.erase(records.end() - 2);
  const auto report = verified(records);
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().what.find("line 4 does not follow line 2"), std::string::npos) << report.error().what;
}

TEST_F(AuditTrail, FindsTwoLinesThatChangedPlaces) {
  auto records = some_records();
  std::swap(records[records.size() - 1], records[records.size() - 2]);
  EXPECT_FALSE(verified(records).ok());
}

}  // namespace
}  // namespace portcullis::app
