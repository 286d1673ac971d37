#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

#include "app/memory.h"
#include "persistence/blotter/projector.h"
#include "persistence/journal.h"
#include "tests/persistence/trading_day.h"

// How many orders a second the blotter keeps up with: a made-up trading day (tests/persistence/trading_day.h, three to
// four records an order, four checks a decision) projected from its journal as a rebuild does.
//
//   blotter_bench [ORDERS] [URL]     URL: sqlite:PATH or postgresql://…; by default SQLite in a temporary directory

int main(int argc, char** argv) {
  using namespace portcullis::persistence;
  portcullis::app::keep_memory();  // as the gateway does
  const std::uint64_t orders = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  std::string directory = (std::filesystem::temp_directory_path() / "portcullis-bench-XXXXXX").string();
  if (::mkdtemp(directory.data()) == nullptr) return 1;
  ProjectorOptions options;
  options.url = argc > 2 ? argv[2] : "sqlite:" + directory + "/blotter.db";
  options.gateway_id = "BENCH";
  options.journal_directory = directory + "/journal";
  {
    JournalOptions with;
    with.durability = JournalDurability::kProcess;
    with.reserve_bytes = 0;
    auto journal = Journal::open(posix_file_system(), options.journal_directory, with);
    if (!journal) {
      std::fprintf(stderr, "%s\n", journal.error().what.c_str());
      return 1;
    }
    testing::TradingDay day([&](std::span<const std::byte> content) {
      auto memory = (*journal)->begin(content.size());
      std::copy(content.begin(), content.end(), memory.begin());
      (*journal)->commit(content.size());
    });
    day.names();
    while (day.orders() < orders) day.order();
    if (!(*journal)->close()) return 1;
  }
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t processor_before = std::clock();
  const auto report = rebuild_blotter(posix_file_system(), options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double processor = static_cast<double>(std::clock() - processor_before) / CLOCKS_PER_SEC;
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().what.c_str());
    return 1;
  }
  std::printf("%s: %llu orders, %llu records in %.2f s: %.0f orders/s; %.2f s of processor time here\n",
              loggable_url(options.url).c_str(), static_cast<unsigned long long>(orders),
              static_cast<unsigned long long>(report->records), seconds, static_cast<double>(orders) / seconds,
              processor);
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
  return 0;
}
