#pragma once

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "persistence/blotter/row_batch.h"
#include "persistence/blotter/tables.h"

// Rows on their way into SQLite as a database in memory, in SQLite's own file format ("Database File Format" of its
// documentation, sections 1.6 B-tree pages and 2.1 Record format), with the same table. From one table to another of
// the same make SQLite copies rows as they are, where a row that comes in columns costs it some 340 instructions for
// each: an INSERT … SELECT * ("the transfer optimization"). What it does not copy so it reads as any other table.

namespace portcullis::persistence {

// One thread.
class SqliteImage {
 public:
  // Of a table of the database. The error is SQLite's; null: a table that is not made for this (no integer as its key,
  // or indexes of which Table::unindexed says nothing).
  static Result<std::unique_ptr<SqliteImage>> of(sqlite3* database, const Table& table);

  // Takes rows from the place `first` of their batch on, until the image is full; the place behind the last one that
  // was looked at. Those that an image does not hold go to `others`: of an index, longer than a page, absent where a
  // value must be, or not behind the key before.
  std::size_t fill(const RowBatch& rows, std::size_t first, RowBatch& others);
  // Whether fill() took any.
  bool empty() const { return taken_ == 0; }

  // The database, until the next fill(). SQLite only reads it.
  unsigned char* bytes() { return bytes_.get(); }
  std::size_t size() const { return (fixed_pages_ + leaves_) * kPageBytes; }

 private:
  static constexpr std::size_t kPageBytes = 32'768;
  static constexpr std::size_t kMostLeaves = 32;  // 1 MiB, which the processor's caches hold
  static constexpr std::size_t kMostColumns = 64;
  struct Unindexed {
    std::size_t column;
    RowBatch::Cell value;
  };

  explicit SqliteImage(std::size_t columns) : columns_(columns) {}
  unsigned char* page(std::size_t number) { return bytes_.get() + (number - 1) * kPageBytes; }
  bool in_an_index(const RowBatch& rows, std::size_t first) const;
  bool measure(const RowBatch& rows, std::size_t first);
  void write(const RowBatch& rows, std::size_t first, unsigned char* at) const;
  void begin_leaf();
  void end_leaf();
  void finish();

  const std::size_t columns_;
  std::vector<char> required_;        // by column, 1: NOT NULL
  std::vector<Unindexed> unindexed_;  // what a row has that stands in no index
  std::unique_ptr<unsigned char[]> bytes_;
  std::size_t fixed_pages_ = 0;  // those of the empty database
  std::size_t root_ = 0;         // of the table, a page's number from 1
  std::size_t leaves_ = 0;
  std::size_t taken_ = 0;                              // rows
  std::array<std::int64_t, kMostLeaves> last_keys_{};  // of each leaf
  // Of the leaf that is being filled: cells from its end down, and where they stand from its head up.
  std::size_t cells_ = 0;
  std::size_t content_ = 0;
  std::int64_t last_key_ = 0;
  // Of the row that is being written.
  std::array<std::uint32_t, kMostColumns> types_{};
  std::size_t head_bytes_ = 0;
  std::size_t payload_bytes_ = 0;
};

}  // namespace portcullis::persistence
