#include "persistence/blotter/postgres_store.h"

#include <cctype>
#include <charconv>
#include <optional>
#include <pqxx/pqxx>
#include <set>
#include <tuple>

namespace portcullis::persistence {

// A row in COPY's text format.
struct CopyLine {
  std::string text;
};

}  // namespace portcullis::persistence

// pqxx::stream_to takes tuples whose sizes the program knows, a string for each field. What stands here goes to the
// server as it is, which is its way for types of its own too.
template <>
inline std::string pqxx::internal::TypedCopyEscaper::operator()<portcullis::persistence::CopyLine>(
    const portcullis::persistence::CopyLine* line) const {
  return line->text;
}

namespace portcullis::persistence {
namespace {

// libpqxx tells of errors by exceptions; none leaves this file.
template <typename T, typename Work>
StoreResult<T> guarded(Work work) {
  try {
    return work();
  } catch (const pqxx::broken_connection& error) {
    return StoreError{std::string("postgres: ") + error.what(), true};
  } catch (const pqxx::in_doubt_error& error) {
    return StoreError{std::string("postgres: ") + error.what(), true};
  } catch (const std::exception& error) {
    return StoreError{std::string("postgres: ") + error.what(), false};
  }
}

// Rows up to a page are not compressed: a decision's is two kilobytes, just enough for PostgreSQL to try.
const std::string kWideRows = "toast_tuple_target = 8160";

// PostgreSQL's documentation of COPY, "Text Format".
void append_cell(std::string& line, const RowBatch::Cell& cell) {
  if (cell.kind == RowBatch::Kind::kAbsent) {
    line += "\\N";
    return;
  }
  if (cell.kind == RowBatch::Kind::kInteger) {
    char digits[24];
    line.append(digits, std::to_chars(digits, digits + sizeof digits, cell.integer).ptr);
    return;
  }
  std::string_view rest = cell.text;
  while (true) {
    const std::size_t special = rest.find_first_of("\\\t\n\r");
    line += rest.substr(0, special);
    if (special == std::string_view::npos) return;
    line += '\\';
    const char c = rest[special];
    line += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : '\\';
    rest.remove_prefix(special + 1);
  }
}

Row row_of(const pqxx::row& from, std::span<const ColumnType> types) {
  Row row;
  row.reserve(types.size());
  for (std::size_t i = 0; i < types.size(); ++i) {
    const pqxx::field field = from[static_cast<pqxx::row::size_type>(i)];
    if (field.is_null()) {
      row.emplace_back();
    } else if (types[i] == ColumnType::kInteger) {
      row.emplace_back(field.as<std::int64_t>());
    } else {
      row.emplace_back(std::string(field.c_str(), field.size()));
    }
  }
  return row;
}

class PostgresStore final : public BlotterStore {
 public:
  explicit PostgresStore(const std::string& url) : connection_(url) {}

  // The schema of the gateway, made when missing, is where all names are looked up.
  void use_schema(const std::string& gateway_id) {
    std::string name = "portcullis_";
    for (const char c : gateway_id) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    pqxx::nontransaction work(connection_);
    work.exec("SET client_min_messages = warning");
    work.exec("SET client_encoding = 'UTF8'");
    work.exec("CREATE SCHEMA IF NOT EXISTS " + work.quote_name(name));
    work.exec("SET search_path = " + work.quote_name(name));
  }

  StoreResult<> begin() override {
    return guarded<std::monostate>([&] {
      work_.emplace(connection_);
      return std::monostate{};
    });
  }
  StoreResult<> commit() override {
    return guarded<std::monostate>([&] {
      work_->commit();
      work_.reset();
      staged_.merge(used_);
      used_.clear();
      return std::monostate{};
    });
  }
  void rollback() override {
    // The destructor of an uncommitted pqxx::work aborts it and does not throw.
    work_.reset();
    used_.clear();
  }

  std::string in_own_words(std::string statements) const override {
    return uncommented_for("PostgreSQL", std::move(statements));
  }

  StoreResult<> execute(const std::string& statements) override {
    return guarded<std::monostate>([&] {
      in_transaction([&](pqxx::transaction_base& work) { work.exec(statements); });
      return std::monostate{};
    });
  }

  StoreResult<std::vector<Row>> query(const std::string& statement, std::span<const Value> parameters,
                                      std::span<const ColumnType> result_types) override {
    return guarded<std::vector<Row>>([&] {
      std::vector<Row> rows;
      in_transaction([&](pqxx::transaction_base& work) {
        const pqxx::result result = work.exec_params(statement, pqxx::prepare::make_dynamic_params(texts(parameters)));
        rows.reserve(static_cast<std::size_t>(result.size()));
        for (const pqxx::row& row : result) rows.push_back(row_of(row, result_types));
      });
      return rows;
    });
  }

  // COPY is the quickest way into PostgreSQL and knows no keys, so the rows go through a table of the session's own.
  StoreResult<> upsert(const Table& table, const RowBatch& rows) override {
    if (rows.empty()) return std::monostate{};
    return guarded<std::monostate>([&] {
      in_transaction([&](pqxx::transaction_base& work) {
        const std::string staging = "staging_" + std::string(table.name);
        if (!staged_.contains(staging)) {
          work.exec("CREATE TEMPORARY TABLE IF NOT EXISTS " + staging + " (LIKE " + std::string(table.name) +
                    ") WITH (" + kWideRows + ") ON COMMIT DELETE ROWS");
        }
        if (!used_.insert(staging).second) work.exec("DELETE FROM " + staging);  // of an upsert before in this transaction
        copy(work, staging, table.columns.size(), rows);
        work.exec(upsert_statement(table, staging));
      });
      return std::monostate{};
    });
  }

  StoreResult<bool> has_table(std::string_view name) override {
    const Value parameters[] = {std::string(name)};
    constexpr ColumnType kTypes[] = {ColumnType::kInteger};
    auto rows = query("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1",
                      parameters, kTypes);
    if (!rows) return rows.error();
    return std::get<std::int64_t>(rows->front().front()) > 0;
  }

 private:
  template <typename Work>
  void in_transaction(Work work) {
    if (work_) {
      work(*work_);
    } else {
      pqxx::nontransaction single(connection_);
      work(single);
    }
  }

  static std::vector<std::string> texts(std::span<const Value> values) {
    std::vector<std::string> result;
    for (const Value& value : values) {
      if (const auto* integer = std::get_if<std::int64_t>(&value)) result.push_back(std::to_string(*integer));
      if (const auto* text = std::get_if<std::string>(&value)) result.push_back(*text);
    }
    return result;
  }

  static void copy(pqxx::transaction_base& work, const std::string& table, std::size_t columns, const RowBatch& rows) {
    pqxx::stream_to stream(work, table);
    CopyLine line;
    for (std::size_t first = 0; first < rows.cells(); first += columns) {
      line.text.clear();
      for (std::size_t i = 0; i < columns; ++i) {
        if (i > 0) line.text += '\t';
        append_cell(line.text, rows.cell(first + i));
      }
      stream << std::tie(line);
    }
    stream.complete();
  }

  static std::string upsert_statement(const Table& table, const std::string& staging) {
    std::string updates;
    std::string keys;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const std::string name(table.columns[i].name);
      if (i < table.key_columns) {
        keys += (i > 0 ? ", " : "") + name;
      } else {
        updates += (updates.empty() ? "" : ", ") + name + " = excluded." + name;
      }
    }
    const std::string columns = column_list(table);
    return "INSERT INTO " + std::string(table.name) + " (" + columns + ") SELECT " + columns + " FROM " + staging +
           " ON CONFLICT (" + keys + ") DO UPDATE SET " + updates;
  }

  std::set<std::string> staged_;  // tables that this connection has: made by a transaction that was committed
  std::set<std::string> used_;    // by the one that is open
  pqxx::connection connection_;
  std::optional<pqxx::work> work_;
};

}  // namespace

StoreResult<std::unique_ptr<BlotterStore>> open_postgres(const std::string& url, const std::string& gateway_id) {
  auto opened = guarded<std::unique_ptr<BlotterStore>>([&] {
    auto store = std::make_unique<PostgresStore>(url);
    store->use_schema(gateway_id);
    return std::unique_ptr<BlotterStore>(std::move(store));
  });
  if (!opened) return StoreError{opened.error().what, true};
  return opened;
}

}  // namespace portcullis::persistence
