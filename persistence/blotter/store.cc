#include "persistence/blotter/store.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "persistence/blotter/postgres_store.h"
#include "persistence/blotter/reports.h"
#include "persistence/blotter/sqlite_store.h"
#include "persistence/frame.h"
#include "persistence/schema/schema.h"

namespace portcullis::persistence {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr const char* kVersionTable = "blotter_schema";
constexpr std::int64_t kFirstVersion = 8;  // of the first step: persistence/schema/0008_initial.sql

StoreResult<> in_transaction(BlotterStore& store, const std::string& statements) {
  if (auto begun = store.begin(); !begun) return begun.error();
  if (auto executed = store.execute(statements); !executed) {
    store.rollback();
    return executed.error();
  }
  return store.commit();
}

std::uint64_t hash_row(const Row& row, std::uint64_t before) {
  std::string text;
  for (const Value& value : row) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) text += 'i' + std::to_string(*integer);
    if (const auto* string = std::get_if<std::string>(&value)) {
      text += 's' + std::to_string(string->size()) + ':' + *string;
    }
    text += ';';
  }
  return checksum_of(std::as_bytes(std::span(text)), before);
}

}  // namespace

std::span<const Column> columns_of(const Table& table, const RowBatch& rows) {
  return rows.ordinary() ? table.ordinary : table.columns;
}

std::string on_conflict(const Table& table) {
  std::string updates;
  std::string keys;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string name(table.columns[i].name);
    if (i < table.key_columns) {
      keys += (i > 0 ? ", " : "") + name;
    } else if (std::find(table.fixed.begin(), table.fixed.end(), name) == table.fixed.end()) {
      updates += (updates.empty() ? "" : ", ") + name + " = excluded." + name;
    }
  }
  return " ON CONFLICT (" + keys + ") DO " + (updates.empty() ? "NOTHING" : "UPDATE SET " + updates);
}

std::string uncommented_for(std::string_view engine, std::string statements) {
  const std::string begin = "/* " + std::string(engine) + ": ";
  for (std::size_t at = statements.find(begin); at != std::string::npos; at = statements.find(begin, at)) {
    const std::size_t end = statements.find(" */", at);
    if (end == std::string::npos) break;
    statements.erase(end, 3);
    statements.erase(at, begin.size());
  }
  return statements;
}

std::string hexadecimal(std::uint64_t number) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
  return digits;
}

std::uint64_t from_hexadecimal(const std::string& digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

StoreResult<std::unique_ptr<BlotterStore>> open_store(const std::string& url, const std::string& gateway_id) {
  if (url.starts_with(kSqlite)) return open_sqlite(url.substr(kSqlite.size()));
  if (url.starts_with("postgresql:") || url.starts_with("postgres:")) return open_postgres(url, gateway_id);
  return StoreError{"blotter url " + loggable_url(url) +
                    ": expected sqlite:PATH or postgresql://user@host:port/database"};
}

std::string loggable_url(const std::string& url) {
  const std::size_t user = url.find("://");
  const std::size_t at = url.find('@');
  if (user == std::string::npos || at == std::string::npos) return url;
  const std::size_t colon = url.find(':', user + 3);
  if (colon == std::string::npos || colon > at) return url;
  return url.substr(0, colon) + ":***" + url.substr(at);
}

std::int64_t newest_schema_version() {
  return kFirstVersion - 1 + static_cast<std::int64_t>(schema_steps().size());
}

StoreResult<std::int64_t> schema_version(BlotterStore& store) {
  auto exists = store.has_table(kVersionTable);
  if (!exists) return exists.error();
  if (!*exists) return std::int64_t{0};
  constexpr ColumnType kTypes[] = {ColumnType::kInteger};
  auto rows = store.query("SELECT version FROM blotter_schema", {}, kTypes);
  if (!rows) return rows.error();
  if (rows->size() != 1) return StoreError{"table blotter_schema: expected one row"};
  return std::get<std::int64_t>(rows->front().front());
}

StoreResult<std::int64_t> migrate(BlotterStore& store) {
  auto before = schema_version(store);
  if (!before) return before.error();
  const auto steps = schema_steps();
  if (*before > newest_schema_version()) {
    return StoreError{"the blotter has schema version " + std::to_string(*before) + "; this program knows " +
                      std::to_string(newest_schema_version()) + " and goes no further back"};
  }
  const bool anew = *before < kFirstVersion;
  if (anew && *before > 0) {
    if (auto dropped = drop_all(store); !dropped) return dropped.error();
  }
  for (auto version = anew ? kFirstVersion : *before + 1; version <= newest_schema_version(); ++version) {
    std::string statements = store.in_own_words(steps[static_cast<std::size_t>(version - kFirstVersion)]);
    const std::string number = std::to_string(version);
    statements += version == kFirstVersion ? "CREATE TABLE blotter_schema (version BIGINT NOT NULL);"
                                             "INSERT INTO blotter_schema (version) VALUES (" +
                                                 number + ");"
                                           : "UPDATE blotter_schema SET version = " + number + ";";
    if (auto done = in_transaction(store, statements); !done) {
      return StoreError{"schema version " + number + ": " + done.error().what, done.error().lost};
    }
  }
  return *before;
}

StoreResult<> drop_all(BlotterStore& store) {
  std::string statements;
  for (const Report& report : reports()) statements += "DROP VIEW IF EXISTS report_" + std::string(report.name) + ";";
  for (const Table* table : content_tables()) {
    if (table->view.empty()) continue;
    // Before version 8 some of them were tables.
    auto is_table = store.has_table(table->view);
    if (!is_table) return is_table.error();
    statements += (*is_table ? "DROP TABLE " : "DROP VIEW IF EXISTS ") + std::string(table->view) + ";";
  }
  statements += "DROP TABLE IF EXISTS progress; DROP TABLE IF EXISTS blotter_schema;";
  for (const Table* table : content_tables()) statements += "DROP TABLE IF EXISTS " + std::string(table->name) + ";";
  return in_transaction(store, statements);
}

StoreResult<Progress> read_progress(BlotterStore& store) {
  const auto types = column_types(kProgressTable);
  auto rows = store.query("SELECT " + column_list(kProgressTable) + " FROM progress", {}, types);
  if (!rows) return rows.error();
  if (rows->empty()) return Progress{};
  const Row& row = rows->front();
  const auto number = [&](std::size_t i) { return static_cast<std::uint64_t>(std::get<std::int64_t>(row[i])); };
  return Progress{std::get<std::string>(row[1]),
                  Position{number(2), number(3), from_hexadecimal(std::get<std::string>(row[4]))}, number(5)};
}

StoreResult<std::string> table_hash(BlotterStore& store, const Table& table) {
  constexpr std::size_t kPage = 10000;
  std::string keys;
  std::string after;
  bool text_key = false;
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    keys += (i > 0 ? ", " : "") + std::string(table.columns[i].name);
    after += (i > 0 ? ", $" : "$") + std::to_string(i + 1);
    text_key = text_key || table.columns[i].type == ColumnType::kText;
  }
  const auto types = column_types(table);
  const std::string select = "SELECT " + column_list(table) + " FROM " + std::string(table.name);
  const std::string order = " ORDER BY " + keys;
  std::uint64_t hash = 0;
  if (text_key) {
    // The engines order text by different rules, so these rows, which are few, are sorted here.
    auto rows = store.query(select, {}, types);
    if (!rows) return rows.error();
    std::sort(rows->begin(), rows->end());
    for (const Row& row : *rows) hash = hash_row(row, hash);
    return hexadecimal(hash);
  }
  std::vector<Value> last;
  while (true) {
    const std::string where = last.empty() ? "" : " WHERE (" + keys + ") > (" + after + ")";
    auto rows = store.query(select + where + order + " LIMIT " + std::to_string(kPage), last, types);
    if (!rows) return rows.error();
    for (const Row& row : *rows) hash = hash_row(row, hash);
    if (rows->size() < kPage) return hexadecimal(hash);
    last.assign(rows->back().begin(), rows->back().begin() + static_cast<std::ptrdiff_t>(table.key_columns));
  }
}

}  // namespace portcullis::persistence
