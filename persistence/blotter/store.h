#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "persistence/blotter/row_batch.h"
#include "persistence/blotter/tables.h"
#include "persistence/recovery.h"

// One connection to the database that holds a blotter. One thread at a time.
//
// Statements are in the SQL that SQLite and PostgreSQL share; parameters are $1, $2 … in the order of their
// first use.

namespace portcullis::persistence {

// Why a statement failed. `lost` means that the connection is gone, and what COMMIT did may be unknown.
struct StoreError {
  std::string what;
  bool lost = false;
};

template <typename T = std::monostate>
using StoreResult = Result<T, StoreError>;

class BlotterStore {
 public:
  virtual ~BlotterStore() = default;

  virtual StoreResult<> begin() = 0;
  virtual StoreResult<> commit() = 0;
  // Also after an error; harmless without a transaction.
  virtual void rollback() = 0;

  // A step of the schema in the words of this engine, where it has better ones than those that both share: what stands
  // in the file as /* ENGINE: words */ counts for that engine.
  virtual std::string in_own_words(std::string statements) const = 0;
  // Any number of statements without parameters or results.
  virtual StoreResult<> execute(const std::string& statements) = 0;
  virtual StoreResult<std::vector<Row>> query(const std::string& statement, std::span<const Value> parameters,
                                              std::span<const ColumnType> result_types) = 0;
  // Inserts rows whose keys are not there: one that is makes it an error. In a transaction.
  virtual StoreResult<> insert(const Table& table, const RowBatch& rows) = 0;
  // Inserts rows or replaces those with the same key, but for Table::fixed. No two of them have the same key, unless
  // the key is all that they have. In a transaction.
  virtual StoreResult<> upsert(const Table& table, const RowBatch& rows) = 0;
  // Whether a table of this name exists here.
  virtual StoreResult<bool> has_table(std::string_view name) = 0;
};

// `url` as in the configuration: sqlite:PATH, or postgresql://user@host:port/database and libpq's other forms. In
// PostgreSQL each gateway has a schema of its own, portcullis_ID, so that one database serves all. Makes the file or
// the schema where it is missing; the tables are made by migrate().
StoreResult<std::unique_ptr<BlotterStore>> open_store(const std::string& url, const std::string& gateway_id);

// The url without a password, for logs.
std::string loggable_url(const std::string& url);

// Which columns the rows of a batch for the table have.
std::span<const Column> columns_of(const Table& table, const RowBatch& rows);

// " ON CONFLICT …" for an upsert into the table, in the words that both engines share.
std::string on_conflict(const Table& table);

// For in_own_words(): the words of `engine` without the comment around them.
std::string uncommented_for(std::string_view engine, std::string statements);

// --- on any store ---

// The version of the schema there, 0 when there is none.
StoreResult<std::int64_t> schema_version(BlotterStore& store);
// The version that this program has.
std::int64_t newest_schema_version();
// Brings the schema to the newest version, each step in a transaction; returns the version before. A newer
// schema than this program's is refused. One of before version 8, which no release had, is dropped and made anew: the
// projection fills it from the journal.
StoreResult<std::int64_t> migrate(BlotterStore& store);
// Removes all tables.
StoreResult<> drop_all(BlotterStore& store);

struct Progress {
  std::string journal_id;  // empty: nothing was projected yet
  Position last;           // of the journal's records, whose rows are there
  std::uint64_t epoch = 0;
};
StoreResult<Progress> read_progress(BlotterStore& store);

// Checksums and ids are 64 bits without a sign, which BIGINT is not: 16 digits of text.
std::string hexadecimal(std::uint64_t number);
std::uint64_t from_hexadecimal(const std::string& digits);

// Of all rows of a content table in the order of its key, as text of 16 hexadecimal digits. The same on both engines.
StoreResult<std::string> table_hash(BlotterStore& store, const Table& table);

}  // namespace portcullis::persistence
