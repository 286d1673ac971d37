#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "persistence/journal.h"
#include "persistence/journal_reader.h"

namespace portcullis::persistence::testing {

// A directory of the test's own, removed with all in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "portcullis-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The payload that record `index` has in these tests: its size and its bytes follow from the index.
inline std::string payload_of(std::uint64_t index, std::size_t largest = 300) {
  std::string payload(index * 7919 % largest, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>('A' + (index + i) % 26);
  return payload;
}

inline Position append(Journal& journal, std::string_view payload) {
  auto memory = journal.begin(payload.size());
  EXPECT_GE(memory.size(), payload.size());
  if (memory.size() < payload.size()) return {};
  std::memcpy(memory.data(), payload.data(), payload.size());
  return journal.commit(payload.size());
}

// For what makes records: appends each one.
inline std::function<void(std::span<const std::byte>)> into(Journal& journal) {
  return [&journal](std::span<const std::byte> content) {
    append(journal, {reinterpret_cast<const char*>(content.data()), content.size()});
    journal.flush();
  };
}

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Small, without threads, with a known id: what the tests of faults use.
inline JournalOptions manual_options(JournalDurability durability = JournalDurability::kDisk) {
  JournalOptions options;
  options.durability = durability;
  options.segment_bytes = kMinSegmentBytes;
  options.ring_bytes = kMinSegmentBytes / 2;
  options.reserve_bytes = 0;
  options.journal_id = 0x1234567890ABCDEF;
  options.manual = true;
  return options;
}

// Reads from the beginning and expects records 1, 2, 3 … with their payloads; returns how many there are.
inline std::uint64_t expect_records(FileSystem& files, const std::string& directory, std::size_t largest = 300) {
  auto reader = JournalReader::open(files, directory);
  EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.error().what);
  if (!reader.ok()) return 0;
  std::uint64_t count = 0;
  while (true) {
    auto record = reader->next();
    EXPECT_TRUE(record.ok()) << (record.ok() ? "" : record.error().what);
    if (!record.ok() || !*record) return count;
    ++count;
    EXPECT_EQ((*record)->position.index, count);
    EXPECT_EQ(text_of((*record)->payload), payload_of(count, largest));
    if (::testing::Test::HasFailure()) return count;
  }
}

}  // namespace portcullis::persistence::testing
