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

  void keep(const gateway::testing::Gateway& gateway, const config::Config& configuration) {
    for (const auto& content : gateway.records()) {
      const auto view = gateway::RecordView::parse(content);
      ASSERT_TRUE(view);
      const bool configure = view->header().kind == gateway::InputKind::kConfigure;
      records_.push_back(configure ? with_text(content, config::core_text(configuration)) : content);
    }
  }

  // The journal's directory.
  std::string journal() {
    std::string pattern = (std::filesystem::temp_directory_path() / "portcullis-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
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

  std::vector<std::vector<std::byte>> records_;

 private:
  // The record of a configuration with its text, which the fixture leaves out.
  static std::vector<std::byte> with_text(const std::vector<std::byte>& content, const std::string& text) {
    gateway::RecordHeader header;
    std::memcpy(&header, content.data(), sizeof header);
    header.input_size = static_cast<std::uint32_t>(text.size());
    std::vector<std::byte> result(sizeof header + gateway::padded(text.size()));
    std::memcpy(result.data(), &header, sizeof header);
    std::memcpy(result.data() + sizeof header, text.data(), text.size());
    result.insert(result.end(), content.begin() + sizeof header, content.end());
    return result;
  }

  std::string directory_;
};

}  // namespace portcullis::app::testing
