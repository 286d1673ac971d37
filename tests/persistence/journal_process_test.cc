#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "tests/persistence/journal_fixture.h"

namespace portcullis::persistence::testing {
namespace {

// A real writer process, killed at a random moment, again and again over the same journal.

struct Shared {
  std::atomic<std::uint64_t> reported{0};  // what the writer saw as durable
};

[[noreturn]] void write_until_killed(const std::string& directory, JournalDurability durability, Shared& shared) {
  JournalOptions options = manual_options(durability);
  options.manual = false;
  options.ahead_bytes = 3 * options.segment_bytes;
  options.pages_ready_for = {};  // made ready again with every look, while the core writes there
  auto journal = Journal::open(posix_file_system(), directory, options);
  if (!journal) {
    std::fprintf(stderr, "%s\n", journal.error().what.c_str());
    ::_exit(1);
  }
  while (true) {
    const std::uint64_t next = (*journal)->last_index() + 1;
    const std::string payload = payload_of(next);
    auto memory = (*journal)->begin(payload.size());
    std::memcpy(memory.data(), payload.data(), payload.size());
    (*journal)->commit(payload.size());
    if (next % 8 == 0) (*journal)->flush();
    shared.reported.store((*journal)->durable_index());
  }
}

class JournalKilled : public ::testing::TestWithParam<JournalDurability> {};
INSTANTIATE_TEST_SUITE_P(Levels, JournalKilled,
                         ::testing::Values(JournalDurability::kProcess, JournalDurability::kDisk),
                         [](const auto& level) {
                           return level.param == JournalDurability::kProcess ? "Process" : "Disk";
                         });

TEST_P(JournalKilled, KeepsAllThatWasReportedDurable) {
  TemporaryDirectory temporary;
  const std::string directory = temporary.path() + "/journal";
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto* shared = new (memory) Shared;
  std::mt19937 random(42);
  std::uint64_t last = 0;
  for (int round = 0; round < 25; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(directory, GetParam(), *shared);
    // The kill falls at a number of records, not at a time: the writer must have got on.
    const std::uint64_t until = last + 1 + random() % 400;
    int status = 0;
    while (shared->reported.load() < until) {
      ASSERT_EQ(::waitpid(child, &status, WNOHANG), 0) << "the writer ended by itself";
      std::this_thread::yield();
    }
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    const std::uint64_t reported = shared->reported.load();
    const auto report = verify_journal(posix_file_system(), directory);
    ASSERT_TRUE(report.ok()) << report.error().what;
    ASSERT_GE(report->last_index, reported);
    ASSERT_GE(expect_records(posix_file_system(), directory), reported);
    last = report->last_index;
  }
  ::munmap(memory, sizeof(Shared));
}

}  // namespace
}  // namespace portcullis::persistence::testing
