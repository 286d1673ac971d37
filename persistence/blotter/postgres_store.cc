#include "persistence/blotter/postgres_store.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <pqxx/pqxx>

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

// The text of an array literal; PostgreSQL's rules of array_out.
void append_element(std::string& array, const Value& value) {
  array += array.size() > 1 ? "," : "";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    array += std::to_string(*integer);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    array += '"';
    for (const char c : *text) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  } else {
    array += "NULL";
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
      return std::monostate{};
    });
  }
  void rollback() override {
    // The destructor of an uncommitted pqxx::work aborts it and does not throw.
    work_.reset();
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

  StoreResult<> upsert(const Table& table, std::span<const Row> rows) override {
    if (rows.empty()) return std::monostate{};
    return guarded<std::monostate>([&] {
      std::vector<std::string> arrays(table.columns.size(), "{");
      for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) append_element(arrays[i], row[i]);
      }
      for (std::string& array : arrays) array += '}';
      in_transaction([&](pqxx::transaction_base& work) {
        work.exec_params(upsert_statement(table), pqxx::prepare::make_dynamic_params(arrays));
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

  static std::string upsert_statement(const Table& table) {
    std::string arrays;
    std::string updates;
    std::string keys;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      const std::string name(column.name);
      arrays += (i > 0 ? ", $" : "$") + std::to_string(i + 1);
      arrays += column.type == ColumnType::kInteger ? "::bigint[]" : "::text[]";
      if (i < table.key_columns) {
        keys += (i > 0 ? ", " : "") + name;
      } else {
        updates += (updates.empty() ? "" : ", ") + name + " = excluded." + name;
      }
    }
    return "INSERT INTO " + std::string(table.name) + " (" + column_list(table) + ") SELECT * FROM unnest(" + arrays +
           ") ON CONFLICT (" + keys + ") DO UPDATE SET " + updates;
  }

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
