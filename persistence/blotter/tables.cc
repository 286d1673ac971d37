#include "persistence/blotter/tables.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/utf8.h"

namespace portcullis::persistence {
namespace {

constexpr auto kInteger = ColumnType::kInteger;
constexpr auto kText = ColumnType::kText;

constexpr Column kProgressColumns[] = {
    {"id", kInteger},          {"journal_id", kText},    {"last_index", kInteger},
    {"last_offset", kInteger}, {"last_checksum", kText}, {"epoch", kInteger},
};

}  // namespace

const Table kProgressTable{"progress", 1, kProgressColumns};

std::span<const Table* const> content_tables() {
  static constexpr std::array kTables{
      &kNamesTable,           &kOrdersTable,       &kRequestsTable,        &kRefusalsTable,       &kExecutionsTable,
      &kDecisionsTable,       &kPositionsTable,    &kAlertsTable,          &kConfigurationsTable, &kLimitUseTable,
      &kLimitChangesTable,    &kStateChangesTable, &kExposureSamplesTable, &kOperatorsTable,      &kOrderRecordsTable,
      &kShadowDecisionsTable, &kAuditTable,        &kCheckPlansTable,      &kBlocksTable,         &kBlockAccountsTable};
  return kTables;
}

std::string column_list(std::span<const Column> columns) {
  std::string list;
  for (const Column& column : columns) {
    if (!list.empty()) list += ", ";
    list += column.name;
  }
  return list;
}

std::vector<ColumnType> column_types(const Table& table) {
  std::vector<ColumnType> types;
  for (const Column& column : table.columns) types.push_back(column.type);
  return types;
}

// FIX is ASCII, and then nothing is to be done.
bool is_plain_text(std::string_view bytes) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  constexpr std::size_t kWord = sizeof kEach;
  if (bytes.size() < kWord) return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c > 0; });
  // Eight at a time, the last of which may have been looked at before: a zero borrows, and what is not ASCII has its
  // highest bit.
  const auto found = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, kWord);
    return (word - kEach) | word;
  };
  std::uint64_t any = found(bytes.size() - kWord);
  for (std::size_t at = 0; at + kWord < bytes.size(); at += kWord) any |= found(at);
  return (any & (kEach * 0x80)) == 0;
}

std::string clean_text(std::string_view bytes) {
  if (is_plain_text(bytes)) return std::string(bytes);
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = bytes.front() == '\0' ? 0 : utf8_length(bytes);
    if (length == 0) {
      text += '?';
      bytes.remove_prefix(1);
    } else {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return text;
}

}  // namespace portcullis::persistence
