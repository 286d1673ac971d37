#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "config/loader/loader.h"
#include "persistence/journal.h"
#include "tests/gateway/fixture.h"

namespace portcullis::app::testing {

// The records of a core in a journal of the test's own.
class RecordedDay : public ::testing::Test {
 protected:
  void TearDown() override {
    std::error_code ignored;
    if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  }

  // A core of this configuration, with its text in the record as the program writes it.
  static gateway::testing::Gateway start(const config::Config& configuration) {
    return gateway::testing::Gateway(configuration, config::core_text(configuration));
  }

  void keep(const gateway::testing::Gateway& gateway) { records_ = gateway.records(); }

  // The journal's directory.
  std::string journal() {
    std::string pattern = (std::filesystem::temp_directory_path() / "portcullis-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    persistence::JournalOptions options;
    options.durability = persistence::JournalDurability::kProcess;
    options.segment_bytes = std::uint64_t{1} << 20;
    options.reserve_bytes = 0;
    options.content_version = gateway::kContentVersion;
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

  std::vector<std::vector<std::byte>> records_;

 private:
  std::string directory_;
};

}  // namespace portcullis::app::testing
