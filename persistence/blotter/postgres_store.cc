#include "persistence/blotter/postgres_store.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "persistence/background.h"

namespace portcullis::persistence {
namespace {

// Rows up to a page are not compressed, which PostgreSQL would try with those of two kilobytes and more.
constexpr const char* kWideRows = "toast_tuple_target = 8160";
// COPY's rows are handed on in pieces of about this size.
constexpr std::size_t kCopyBytes = std::size_t{64} << 10;

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;
using Answer = std::unique_ptr<PGresult, ClearResult>;

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

StoreResult<Value> value_of(const PGresult* from, int row, int column, ColumnType type) {
  if (PQgetisnull(from, row, column) != 0) return Value();
  const std::string_view text(PQgetvalue(from, row, column), static_cast<std::size_t>(PQgetlength(from, row, column)));
  if (type == ColumnType::kText) return Value(std::string(text));
  std::int64_t integer = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (error != std::errc() || end != text.data() + text.size()) {
    return StoreError{"postgres: column " + std::string(PQfname(from, column)) + ": expected an integer, found '" +
                      std::string(text) + "'"};
  }
  return Value(integer);
}

// A name in quotes.
std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + '"';
}

class PostgresStore final : public BlotterStore {
 public:
  explicit PostgresStore(Connection connection) : connection_(std::move(connection)) {}

  // The schema of the gateway, made when missing, is where all names are looked up. A commit does not wait for the
  // server's disk: what a crash of the server takes is taken with the progress beside it, and projected again.
  StoreResult<> set_up(const std::string& gateway_id) {
    std::string name = "portcullis_";
    for (const char c : gateway_id) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return execute(
        "SET client_min_messages = warning; SET client_encoding = 'UTF8'; SET synchronous_commit = off; "
        "CREATE SCHEMA IF NOT EXISTS " +
        quoted(name) + "; SET search_path = " + quoted(name));
  }

  StoreResult<> begin() override { return execute("BEGIN"); }

  StoreResult<> commit() override {
    const Answer answer(PQexec(connection_.get(), "COMMIT"));
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return failed(answer.get());
    if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT") {
      return StoreError{"postgres: the transaction was rolled back by the server"};
    }
    staged_.merge(used_);
    used_.clear();
    return std::monostate{};
  }

  void rollback() override {
    used_.clear();
    if (PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
    // It fails where the connection is gone, and the transaction with it.
    const Answer ignored(PQexec(connection_.get(), "ROLLBACK"));
  }

  std::string in_own_words(std::string statements) const override {
    return uncommented_for("PostgreSQL", std::move(statements));
  }

  StoreResult<> execute(const std::string& statements) override {
    const Answer answer(PQexec(connection_.get(), statements.c_str()));
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
      return failed(answer.get());
    }
    return std::monostate{};
  }

  StoreResult<std::vector<Row>> query(const std::string& statement, std::span<const Value> parameters,
                                      std::span<const ColumnType> result_types) override {
    std::vector<std::string> texts(parameters.size());
    std::vector<const char*> given(parameters.size(), nullptr);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (const auto* integer = std::get_if<std::int64_t>(&parameters[i])) texts[i] = std::to_string(*integer);
      if (const auto* text = std::get_if<std::string>(&parameters[i])) texts[i] = *text;
      if (!std::holds_alternative<std::monostate>(parameters[i])) given[i] = texts[i].c_str();
    }
    const Answer answer(PQexecParams(connection_.get(), statement.c_str(), static_cast<int>(given.size()), nullptr,
                                     given.data(), nullptr, nullptr, 0));
    if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) return failed(answer.get());
    if (PQnfields(answer.get()) != static_cast<int>(result_types.size())) {
      return StoreError{"postgres: a query gave " + std::to_string(PQnfields(answer.get())) + " columns; expected " +
                        std::to_string(result_types.size())};
    }
    std::vector<Row> rows(static_cast<std::size_t>(PQntuples(answer.get())));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].reserve(result_types.size());
      for (std::size_t j = 0; j < result_types.size(); ++j) {
        auto value = value_of(answer.get(), static_cast<int>(i), static_cast<int>(j), result_types[j]);
        if (!value) return value.error();
        rows[i].push_back(std::move(*value));
      }
    }
    return rows;
  }

  // COPY is the quickest way into PostgreSQL.
  StoreResult<> insert(const Table& table, const RowBatch& rows) override {
    if (rows.empty()) return std::monostate{};
    return copy(table, std::string(table.name), rows);
  }

  // COPY knows no keys, so the rows go through a table of the session's own.
  StoreResult<> upsert(const Table& table, const RowBatch& rows) override {
    if (rows.empty()) return std::monostate{};
    const std::string staging = "staging_" + std::string(table.name);
    if (!staged_.contains(staging)) {
      auto made = execute("CREATE TEMPORARY TABLE IF NOT EXISTS " + staging + " (LIKE " + std::string(table.name) +
                          ") WITH (" + kWideRows + ") ON COMMIT DELETE ROWS");
      if (!made) return made;
    }
    if (!used_.insert(staging).second) {  // by an upsert before in this transaction
      if (auto cleared = execute("DELETE FROM " + staging); !cleared) return cleared;
    }
    if (auto copied = copy(table, staging, rows); !copied) return copied;
    const std::string columns = column_list(table);
    return execute("INSERT INTO " + std::string(table.name) + " (" + columns + ") SELECT " + columns + " FROM " +
                   staging + on_conflict(table));
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
  StoreError failed(const PGresult* answer) const {
    std::string_view what = answer != nullptr ? PQresultErrorMessage(answer) : "";
    if (what.empty()) what = PQerrorMessage(connection_.get());
    while (what.ends_with('\n')) what.remove_suffix(1);
    return StoreError{"postgres: " + std::string(what), PQstatus(connection_.get()) == CONNECTION_BAD};
  }

  StoreResult<> copy(const Table& table, const std::string& into, const RowBatch& rows) {
    const auto given = columns_of(table, rows);
    const Answer begun(
        PQexec(connection_.get(), ("COPY " + into + " (" + column_list(given) + ") FROM STDIN").c_str()));
    if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return failed(begun.get());
    const std::size_t columns = given.size();
    copied_.clear();
    bool sent = true;
    const auto hand_on = [&] {
      sent = sent && PQputCopyData(connection_.get(), copied_.data(), static_cast<int>(copied_.size())) == 1;
      copied_.clear();
    };
    for (RowBatch::Reader reader(rows); sent && !reader.done();) {
      for (std::size_t i = 0; i < columns; ++i) {
        if (i > 0) copied_ += '\t';
        append_cell(copied_, reader.next());
      }
      copied_ += '\n';
      if (copied_.size() >= kCopyBytes) hand_on();
      give_way();
    }
    hand_on();
    if (!sent || PQputCopyEnd(connection_.get(), nullptr) != 1) return failed(nullptr);
    // The answer of the COPY, and then the end of it.
    const Answer done(PQgetResult(connection_.get()));
    const Answer end(PQgetResult(connection_.get()));
    if (PQresultStatus(done.get()) != PGRES_COMMAND_OK) return failed(done.get());
    return std::monostate{};
  }

  std::set<std::string> staged_;  // tables that this connection has: made by a transaction that was committed
  std::set<std::string> used_;    // by the one that is open
  std::string copied_;            // rows in COPY's text format that are not handed on yet
  Connection connection_;
};

}  // namespace

StoreResult<std::unique_ptr<BlotterStore>> open_postgres(const std::string& url, const std::string& gateway_id) {
  Connection connection(PQconnectdb(url.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    std::string_view what = connection != nullptr ? PQerrorMessage(connection.get()) : "out of memory";
    while (what.ends_with('\n')) what.remove_suffix(1);
    return StoreError{"postgres: " + std::string(what), true};
  }
  auto store = std::make_unique<PostgresStore>(std::move(connection));
  if (auto set = store->set_up(gateway_id); !set) return StoreError{set.error().what, true};
  return std::unique_ptr<BlotterStore>(std::move(store));
}

}  // namespace portcullis::persistence
