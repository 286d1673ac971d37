#include "app/replay.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "config/loader/loader.h"
#include "persistence/journal.h"
#include "tests/gateway/fixture.h"

namespace portcullis::app {
namespace {

using gateway::testing::Gateway;
using gateway::testing::Sent;

// The record of a configuration with its text, which the fixture leaves out.
std::vector<std::byte> with_text(const std::vector<std::byte>& content, const std::string& text) {
  gateway::RecordHeader header;
  std::memcpy(&header, content.data(), sizeof header);
  header.input_size = static_cast<std::uint32_t>(text.size());
  std::vector<std::byte> result(sizeof header + gateway::padded(text.size()));
  std::memcpy(result.data(), &header, sizeof header);
  std::memcpy(result.data() + sizeof header, text.data(), text.size());
  result.insert(result.end(), content.begin() + sizeof header, content.end());
  return result;
}

class Replay : public ::testing::Test {
 protected:
  void SetUp() override {
    Gateway gateway;
    const Sent order = Gateway::only(
        gateway.from_client("alpha", "35=D|11=A|55=EUR/USD|54=1|38=5000000|40=2|44=1.1010|60=20261123-12:00:00|"), "D");
    gateway.from_broker("northbank", "35=8|37=N1|11=" + order[11] +
                                         "|17=E1|150=F|39=1|55=EUR/USD|54=1|38=5000000|32=2000000|31=1.1005|"
                                         "14=2000000|151=3000000|6=1|");
    gateway.from_client("alpha", "35=F|11=C|41=A|55=EUR/USD|54=1|38=5000000|60=20261123-12:00:00|");
    gateway.from_client("beta", "35=D|11=A|21=1|55=USD/JPY|54=2|38=1000|40=1|60=20261123-12:00:00|");
    gateway.from_client("beta", "35=D|11=B|21=1|55=NONE|54=2|38=1000|40=1|60=20261123-12:00:00|");
    gateway.pass(Duration::seconds(10));
    for (const auto& content : gateway.records()) {
      const auto view = gateway::RecordView::parse(content);
      ASSERT_TRUE(view);
      records_.push_back(view->header().kind == gateway::InputKind::kConfigure
                             ? with_text(content, config::core_text(gateway::testing::small_configuration()))
                             : content);
    }
    std::string pattern = (std::filesystem::temp_directory_path() / "portcullis-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::string journal() {
    persistence::JournalOptions options;
    options.durability = persistence::JournalDurability::kProcess;
    options.segment_bytes = std::uint64_t{1} << 20;
    options.reserve_bytes = 0;
    auto opened = persistence::Journal::open(persistence::posix_file_system(), directory_ + "/journal", options);
    EXPECT_TRUE(opened.ok());
    for (const auto& content : records_) {
      auto memory = (*opened)->begin(content.size());
      std::memcpy(memory.data(), content.data(), content.size());
      (*opened)->commit(content.size());
    }
    EXPECT_TRUE((*opened)->close().ok());
    return directory_ + "/journal";
  }

  std::string directory_;
  std::vector<std::vector<std::byte>> records_;
};

TEST_F(Replay, DecidesTheSameAgain) {
  const auto report = replay_journal(journal());
  ASSERT_TRUE(report.ok()) << report.error().what;
  EXPECT_EQ(report->differences, 0u) << report->first_difference;
  EXPECT_EQ(report->records, records_.size());
  EXPECT_GE(report->decided_anew, 7u) << "start, configuration, and five messages";
  EXPECT_GE(report->orders, 2u);
  EXPECT_EQ(report->executions, 1u);
}

TEST_F(Replay, NamesTheRecordThatIsDecidedOtherwise) {
  // The last byte but the checksum's of some message that went out.
  for (std::size_t i = records_.size(); i-- > 0;) {
    const auto view = gateway::RecordView::parse(records_[i]);
    std::string_view sent;
    view->for_each_outbound([&](const gateway::OutboundView& message) {
      if (message.header.admin == 0) sent = message.bytes;
    });
    if (sent.empty()) continue;
    records_[i][static_cast<std::size_t>(sent.data() - reinterpret_cast<const char*>(records_[i].data())) + 20] ^=
        std::byte{1};
    const auto report = replay_journal(journal());
    ASSERT_TRUE(report.ok()) << report.error().what;
    EXPECT_EQ(report->first_difference, "record " + std::to_string(i + 1) + ": decided anew, it is not the same");
    return;
  }
  FAIL() << "no record with a message";
}

}  // namespace
}  // namespace portcullis::app
