#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "persistence/journal_reader.h"
#include "persistence/recovery.h"

// A journal for people and for other programs: `portcullis journal verify` and `dump`. Reads only, also beside a
// running gateway.

namespace portcullis::persistence {

enum class DumpFormat : std::uint8_t {
  kText,       // a few lines a record; FIX's SOH as '|'
  kJsonLines,  // one object a line
};

struct DumpOptions {
  DumpFormat format = DumpFormat::kText;
  std::uint64_t after = 0;                       // begin behind this record
  std::uint64_t most = JournalReader::kNoLimit;  // at most so many records
};

// Hands each piece of output to `write`, whole lines at a time; false from it ends the dump (a closed pipe). Returns
// how many records were written. The journal's end is its first invalid frame: whether that is damage, verify says.
Result<std::uint64_t> dump_journal(FileSystem& files, const std::string& directory, const DumpOptions& options,
                                   const std::function<bool(std::string_view)>& write);

// SOH as '|', other control characters as '.', so that no terminal is driven by what a counterparty sent.
std::string printable(std::string_view bytes);

// What a scan found, in a few lines.
std::string describe(const ScanReport& report);

// The journal's directory for what a user names: a data directory or the journal's own.
std::string find_journal(FileSystem& files, const std::string& named);

}  // namespace portcullis::persistence
