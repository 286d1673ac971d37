#include "persistence/blotter/tables.h"

#include <algorithm>
#include <array>
#include <cstring>

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

namespace {

// Length of the well-formed UTF-8 sequence at the start of `bytes`, or 0 (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = at(0);
  if (lead == 0) return 0;
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return 0;
  }
  if (bytes.size() < length || at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (at(i) < 0x80 || at(i) > 0xBF) return 0;
  }
  return length;
}

}  // namespace

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
    const std::size_t length = sequence_length(bytes);
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
