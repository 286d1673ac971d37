#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/sha256.h"
#include "base/time.h"

// `portcullis audit verify`: the chain of the audit trail (gateway/audit.h) from a journal's records alone.

namespace portcullis::app {

struct AuditReport {
  std::uint64_t lines = 0;
  std::uint64_t first = 0;  // its number: above zero when older segments are gone
  UtcTime newest;
  Sha256 head{};            // the newest line's digest: whoever keeps it elsewhere can tell that nothing was cut off
};

// The error names the record of the first line that does not follow from the one before it, or whose input was changed.
Result<AuditReport> verify_audit_trail(const std::string& journal_directory);

std::string to_hex(const Sha256& digest);

}  // namespace portcullis::app
