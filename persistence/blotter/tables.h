#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The tables of the blotter as the code knows them; the statements that make them stand in persistence/schema/. A
// test holds the two together.

namespace portcullis::persistence {

// Absent, an integer, or text (UTF-8 without NUL).
using Value = std::variant<std::monostate, std::int64_t, std::string>;
using Row = std::vector<Value>;

enum class ColumnType : std::uint8_t { kInteger, kText };

struct Column {
  std::string_view name;
  ColumnType type = ColumnType::kText;
};

struct Table {
  std::string_view name;
  std::size_t key_columns = 1;  // the first ones
  std::span<const Column> columns;
  std::span<const std::string_view> fixed = {};  // of the others, those that an update never changes
  std::string_view view = {};  // that has these rows as they are read, and others of the kind; empty: the table is read
  std::span<const Column> ordinary = {};  // that an ordinary row has: the others follow from these, and are NULL
};

extern const Table kProgressTable;
extern const Table kNamesTable;
extern const Table kOrdersTable;
extern const Table kRequestsTable;
extern const Table kRefusalsTable;
extern const Table kExecutionsTable;
extern const Table kDecisionsTable;
extern const Table kPositionsTable;
extern const Table kAlertsTable;
extern const Table kConfigurationsTable;
extern const Table kLimitUseTable;
extern const Table kLimitChangesTable;
extern const Table kStateChangesTable;
extern const Table kExposureSamplesTable;
extern const Table kOperatorsTable;
extern const Table kOrderRecordsTable;
extern const Table kShadowDecisionsTable;
extern const Table kAuditTable;
extern const Table kCheckPlansTable;
extern const Table kBlocksTable;
extern const Table kBlockAccountsTable;

// All but progress: what a rebuild must make identical.
std::span<const Table* const> content_tables();

// "a, b, c"
std::string column_list(std::span<const Column> columns);
inline std::string column_list(const Table& table) {
  return column_list(table.columns);
}

std::vector<ColumnType> column_types(const Table& table);

// Valid UTF-8 without NUL, for any bytes; what is not becomes '?'. PostgreSQL refuses anything else.
std::string clean_text(std::string_view bytes);
// Whether it is clean as it is.
bool is_plain_text(std::string_view bytes);

}  // namespace portcullis::persistence
