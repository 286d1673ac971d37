#include "app/audit_trail.h"

#include <algorithm>

#include "gateway/audit.h"
#include "gateway/record.h"
#include "persistence/journal_reader.h"

namespace portcullis::app {
namespace {

bool equal(const Sha256& a, const std::uint8_t (&b)[32]) { return std::equal(a.begin(), a.end(), b); }

std::string fault_of(const order::Audited& line, const gateway::RecordView& record, const AuditReport& report) {
  if (report.lines > 0 && line.number != report.first + report.lines) {
    return "line " + std::to_string(line.number) + " does not follow line " + std::to_string(report.first + report.lines - 1);
  }
  if (!equal(gateway::audit_content(record.input()), line.content)) return "the record's input is not what the line was made of";
  // Of the oldest segment's first line, the one before it is not there to be checked against.
  const bool known_before = report.lines > 0 || line.number == 0;
  if (known_before && !equal(gateway::audit_digest(report.head, line), line.digest)) {
    return "line " + std::to_string(line.number) + " is not what its digest was made of";
  }
  return {};
}

}  // namespace

Result<AuditReport> verify_audit_trail(const std::string& journal_directory) {
  auto opened = persistence::JournalReader::open(persistence::posix_file_system(), journal_directory);
  if (!opened) return opened.error();
  persistence::JournalReader reader = std::move(opened).value();
  AuditReport report;
  while (true) {
    const auto next = reader.next();
    if (!next) return next.error();
    if (!next->has_value()) return report;
    const auto record = gateway::read_record((*next)->content_version, (*next)->payload);
    if (!record) return Error{reader.place_of(**next) + ": " + record.error().what};
    std::string fault;
    record->for_each_event([&](const order::EventView& event) {
      if (event.type() != order::EventType::kAudited || !fault.empty()) return;
      const auto line = event.as<order::Audited>();
      fault = fault_of(line, *record, report);
      if (report.lines == 0) report.first = line.number;
      ++report.lines;
      report.newest = line.time;
      std::copy(std::begin(line.digest), std::end(line.digest), report.head.begin());
    });
    if (!fault.empty()) return Error{"the audit trail is broken at record " + std::to_string((*next)->position.index) + ": " + fault};
  }
}

std::string to_hex(const Sha256& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace portcullis::app
