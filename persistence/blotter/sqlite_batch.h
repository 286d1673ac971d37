#pragma once

#include <sqlite3.h>

#include <cstddef>

#include "persistence/blotter/row_batch.h"

// Rows on their way into SQLite, as a table that it reads: `INSERT INTO t SELECT c0, c1 FROM row_batch` is one
// statement for all of them, where binding and stepping for each row costs more than the row.

namespace portcullis::persistence {

// What the table row_batch of a connection has at the moment. Outlives the connection.
struct SqliteBatch {
  static constexpr std::size_t kMostColumns = 64;
  const RowBatch* rows = nullptr;
  std::size_t columns = 0;
};

// Makes the table known to the connection, with columns c0, c1 … c63. An SQLite result code.
int register_row_batch(sqlite3* database, SqliteBatch& batch);

}  // namespace portcullis::persistence
