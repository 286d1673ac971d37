#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "persistence/journal.h"
#include "persistence/journal_reader.h"

// What the journal costs: an append on the core's thread, the way to durable, and recovery. Payloads of 700
// bytes, about what an order's record has. The directory is below TMPDIR (else /tmp): name a real disk for `disk`.

namespace {

using namespace portcullis::persistence;

constexpr std::size_t kPayloadBytes = 700;

class Directory {
 public:
  Directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "portcullis-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string journal() const { return path_ + "/journal"; }

 private:
  std::string path_;
};

std::unique_ptr<Journal> open_journal(const Directory& directory, JournalDurability durability,
                                      std::function<void()> wake = nullptr) {
  JournalOptions options;
  options.wake = std::move(wake);
  options.durability = durability;
  options.reserve_bytes = 0;
  auto journal = Journal::open(posix_file_system(), directory.journal(), options);
  if (!journal) std::abort();
  return std::move(*journal);
}

void append(Journal& journal, const std::string& payload) {
  auto memory = journal.begin(payload.size());
  std::memcpy(memory.data(), payload.data(), payload.size());
  benchmark::DoNotOptimize(journal.commit(payload.size()));
}

// The core's share alone: bursts of 64 with room for them, then a pause that is not measured until all is durable.
void append_only(benchmark::State& state, JournalDurability durability) {
  Directory directory;
  auto journal = open_journal(directory, durability);
  const std::string payload(kPayloadBytes, 'x');
  constexpr int kBurst = 64;
  for (auto _ : state) {
    while (journal->would_block(kBurst * (kPayloadBytes + 32))) ::usleep(100);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kBurst; ++i) append(*journal, payload);
    journal->flush();
    const auto end = std::chrono::steady_clock::now();
    state.SetIterationTime(std::chrono::duration<double>(end - begin).count() / kBurst);
    while (journal->durable_index() < journal->last_index()) ::usleep(20);
  }
}
BENCHMARK_CAPTURE(append_only, process, JournalDurability::kProcess)->UseManualTime()->Iterations(2000);
BENCHMARK_CAPTURE(append_only, disk, JournalDurability::kDisk)->UseManualTime()->Iterations(500);

// As fast as it takes them, with all that waiting for the disk and for segments costs.
void saturated(benchmark::State& state, JournalDurability durability) {
  Directory directory;
  auto journal = open_journal(directory, durability);
  const std::string payload(kPayloadBytes, 'x');
  std::uint64_t count = 0;
  for (auto _ : state) {
    append(*journal, payload);
    if (++count % 64 == 0) journal->flush();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(count));
  state.SetBytesProcessed(static_cast<std::int64_t>(count * kPayloadBytes));
  if (durability == JournalDurability::kDisk && journal->groups() > 0) {
    state.counters["records_a_sync"] = static_cast<double>(count) / static_cast<double>(journal->groups());
  }
}
BENCHMARK_CAPTURE(saturated, process, JournalDurability::kProcess)->UseRealTime()->Iterations(400000);
BENCHMARK_CAPTURE(saturated, disk, JournalDurability::kDisk)->UseRealTime()->Iterations(400000);

// One record, from commit to durable: what a single order waits for at level disk.
void commit_to_durable(benchmark::State& state) {
  Directory directory;
  std::atomic<std::uint64_t> groups{0};
  auto journal = open_journal(directory, JournalDurability::kDisk, [&groups] {
    groups.fetch_add(1);
    groups.notify_one();
  });
  const std::string payload(kPayloadBytes, 'x');
  std::vector<double> waits;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t seen = groups.load();
    append(*journal, payload);
    journal->flush();
    groups.wait(seen);
    waits.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(waits.begin(), waits.end());
  state.counters["p50_us"] = waits[waits.size() / 2];
  state.counters["p99_us"] = waits[waits.size() * 99 / 100];
}
BENCHMARK(commit_to_durable)->UseRealTime()->Iterations(3000);

// For comparison in the same run: a bare pwrite and fdatasync into a file that was written before.
void bare_fdatasync(benchmark::State& state) {
  Directory directory;
  if (!posix_file_system().make_directory(directory.journal())) std::abort();
  auto file = posix_file_system().open(directory.journal() + "/file", OpenMode::kCreate);
  const std::vector<std::byte> zeros(std::size_t{8} << 20);
  if (!write_all(**file, 0, zeros) || !(*file)->sync_data()) std::abort();
  const std::vector<std::byte> payload(kPayloadBytes);
  std::vector<double> waits;
  std::uint64_t at = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    if (!write_all(**file, at, payload) || !(*file)->sync_data()) std::abort();
    waits.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    at += kPayloadBytes;
  }
  std::sort(waits.begin(), waits.end());
  state.counters["p50_us"] = waits[waits.size() / 2];
  state.counters["p99_us"] = waits[waits.size() * 99 / 100];
}
BENCHMARK(bare_fdatasync)->UseRealTime()->Iterations(3000);

// Recovery's scan and the reader's iteration over 400,000 records, from the page cache.
class Filled : public benchmark::Fixture {
 public:
  static constexpr std::uint64_t kRecords = 400'000;
  void SetUp(benchmark::State&) override {
    if (directory_ != nullptr) return;
    directory_ = std::make_unique<Directory>();
    auto journal = open_journal(*directory_, JournalDurability::kProcess);
    const std::string payload(kPayloadBytes, 'x');
    for (std::uint64_t i = 0; i < kRecords; ++i) append(*journal, payload);
    if (!journal->close()) std::abort();
  }

 protected:
  static std::unique_ptr<Directory> directory_;
};
std::unique_ptr<Directory> Filled::directory_;

BENCHMARK_F(Filled, scan)(benchmark::State& state) {
  for (auto _ : state) {
    auto report = verify_journal(posix_file_system(), directory_->journal());
    if (!report || report->records != kRecords) std::abort();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kRecords));
}

BENCHMARK_F(Filled, read)(benchmark::State& state) {
  for (auto _ : state) {
    auto reader = JournalReader::open(posix_file_system(), directory_->journal());
    std::uint64_t count = 0;
    while ((*reader->next()).has_value()) ++count;
    if (count != kRecords) std::abort();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kRecords));
}

}  // namespace

BENCHMARK_MAIN();
