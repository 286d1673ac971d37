#include "persistence/blotter/sqlite_image.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "base/check.h"
#include "persistence/background.h"

namespace portcullis::persistence {
namespace {

constexpr unsigned char kTableLeaf = 0x0D;
constexpr unsigned char kTableInterior = 0x05;
constexpr std::size_t kLeafHead = 8;
constexpr std::size_t kInteriorHead = 12;
constexpr std::size_t kMostVarint = 9;
constexpr std::size_t kOverflowBytes = 35;  // a payload of a page less these, and more, goes on in other pages
// Of the first page's head.
constexpr std::size_t kChangeCounterAt = 24;
constexpr std::size_t kPagesAt = 28;
constexpr std::size_t kValidForAt = 92;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
struct FreeMemory {
  void operator()(unsigned char* memory) const { sqlite3_free(memory); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Numbers stand with their highest byte first.
void store(unsigned char* at, std::uint16_t number) {
  number = __builtin_bswap16(number);
  std::memcpy(at, &number, sizeof number);
}
void store(unsigned char* at, std::uint32_t number) {
  number = __builtin_bswap32(number);
  std::memcpy(at, &number, sizeof number);
}
void store(unsigned char* at, std::uint64_t number) {
  number = __builtin_bswap64(number);
  std::memcpy(at, &number, sizeof number);
}

std::size_t varint_bytes(std::uint64_t number) {
  if (number >> 56 != 0) return kMostVarint;
  return number < 0x80 ? 1 : (static_cast<std::size_t>(std::bit_width(number)) + 6) / 7;
}

unsigned char* put_varint(unsigned char* at, std::uint64_t number) {
  if (number < 0x80) {
    *at = static_cast<unsigned char>(number);
    return at + 1;
  }
  const std::size_t bytes = varint_bytes(number);
  unsigned char* last = at + bytes - 1;
  if (bytes == kMostVarint) {  // the ninth has eight bits
    *last-- = static_cast<unsigned char>(number);
    number >>= 8;
    for (; last >= at; number >>= 7) *last-- = static_cast<unsigned char>(number | 0x80);
    return at + bytes;
  }
  *last-- = static_cast<unsigned char>(number & 0x7F);
  for (number >>= 7; last >= at; number >>= 7) *last-- = static_cast<unsigned char>(number | 0x80);
  return at + bytes;
}

constexpr std::uint32_t kNull = 0;
constexpr std::uint32_t kZero = 8;
constexpr std::uint32_t kOne = 9;
constexpr std::uint32_t kFirstText = 13;
// Bytes of an integer, by its serial type.
constexpr std::array<std::uint8_t, 10> kIntegerBytes{0, 1, 2, 3, 4, 6, 8, 0, 0, 0};

std::uint32_t type_of(std::int64_t integer) {
  if (integer == 0) return kZero;
  if (integer == 1) return kOne;
  constexpr std::array<std::uint8_t, 9> kByBytes{1, 1, 2, 3, 4, 5, 5, 6, 6};
  const auto magnitude = static_cast<std::uint64_t>(integer ^ (integer >> 63));
  return kByBytes[static_cast<std::size_t>(std::bit_width(magnitude)) / 8 + 1];
}

unsigned char* put_integer(unsigned char* at, std::uint32_t type, std::int64_t integer) {
  const auto bits = static_cast<std::uint64_t>(integer);
  switch (type) {
    case 1:
      *at = static_cast<unsigned char>(bits);
      return at + 1;
    case 2:
      store(at, static_cast<std::uint16_t>(bits));
      return at + 2;
    case 3:
      *at = static_cast<unsigned char>(bits >> 16);
      store(at + 1, static_cast<std::uint16_t>(bits));
      return at + 3;
    case 4:
      store(at, static_cast<std::uint32_t>(bits));
      return at + 4;
    case 5:
      store(at, static_cast<std::uint16_t>(bits >> 32));
      store(at + 2, static_cast<std::uint32_t>(bits));
      return at + 6;
    case 6:
      store(at, bits);
      return at + 8;
    default:
      return at;  // zero and one are told by their types
  }
}

// Most texts have few bytes, for which a call costs more than the copy.
unsigned char* put_text(unsigned char* at, const char* text, std::size_t size) {
  const auto copy_ends = [&]<typename T>(T first, T last) {
    std::memcpy(&first, text, sizeof first);
    std::memcpy(&last, text + size - sizeof last, sizeof last);
    std::memcpy(at, &first, sizeof first);
    std::memcpy(at + size - sizeof last, &last, sizeof last);
  };
  if (size > 2 * sizeof(std::uint64_t)) {
    std::memcpy(at, text, size);
  } else if (size >= sizeof(std::uint64_t)) {
    copy_ends(std::uint64_t{}, std::uint64_t{});
  } else if (size >= sizeof(std::uint32_t)) {
    copy_ends(std::uint32_t{}, std::uint32_t{});
  } else {
    for (std::size_t i = 0; i < size; ++i) at[i] = static_cast<unsigned char>(text[i]);
  }
  return at + size;
}

// The first integer or text of each row.
struct Found {
  std::int64_t integer = 0;
  std::string text;
};
Result<std::vector<Found>> ask(sqlite3* database, const std::string& question, const std::string& parameter) {
  const auto failed = [&] { return Error{sqlite3_errmsg(database)}; };
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(database, question.c_str(), -1, &prepared, nullptr) != SQLITE_OK) return failed();
  const Statement statement(prepared);
  sqlite3_bind_text(prepared, 1, parameter.data(), static_cast<int>(parameter.size()), SQLITE_STATIC);
  std::vector<Found> found;
  int code = sqlite3_step(prepared);
  for (; code == SQLITE_ROW; code = sqlite3_step(prepared)) {
    Found& row = found.emplace_back();
    row.integer = sqlite3_column_int64(prepared, 0);
    if (const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(prepared, 0))) row.text = text;
  }
  if (code != SQLITE_DONE) return failed();
  return found;
}

bool same(const RowBatch::Cell& a, const RowBatch::Cell& b) {
  return a.kind == b.kind && a.integer == b.integer && a.text == b.text;
}

}  // namespace

Result<std::unique_ptr<SqliteImage>> SqliteImage::of(sqlite3* database, const Table& table) {
  const bool numbered = table.key_columns == 1 && table.columns[0].type == ColumnType::kInteger;
  if (!numbered || table.columns.size() > kMostColumns) return std::unique_ptr<SqliteImage>();
  const std::string name(table.name);
  // The table first, then its indexes, in the words in which they were made.
  const auto made =
      ask(database, "SELECT sql FROM sqlite_schema WHERE tbl_name = $1 AND sql IS NOT NULL ORDER BY rowid", name);
  if (!made) return made.error();
  if (made->size() > 1 && table.unindexed.empty()) return std::unique_ptr<SqliteImage>();

  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const Database empty(opened);
  if (code != SQLITE_OK) return Error{"no database in memory: " + std::string(sqlite3_errstr(code))};
  std::string statements = "PRAGMA page_size = " + std::to_string(kPageBytes) + ";";
  for (const Found& statement : *made) statements += statement.text + ";";
  if (sqlite3_exec(opened, statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return Error{sqlite3_errmsg(opened)};
  const auto root = ask(opened, "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = $1", name);
  if (!root) return root.error();
  const auto required = ask(opened, "SELECT \"notnull\" FROM pragma_table_info($1) ORDER BY cid", name);
  if (!required) return required.error();
  if (root->size() != 1 || required->size() != table.columns.size()) {
    return Error{"table " + name + " is not the one that this program knows"};
  }
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, FreeMemory> pages(sqlite3_serialize(opened, "main", &size, 0));
  if (pages == nullptr) return Error{"table " + name + " as a database in memory: " + sqlite3_errmsg(opened)};

  std::unique_ptr<SqliteImage> image(new SqliteImage(table.columns.size()));
  for (const Found& column : *required) image->required_.push_back(column.integer != 0 ? 1 : 0);
  for (const UnindexedValue& value : table.unindexed) {
    const auto column = std::ranges::find(table.columns, value.column, &Column::name);
    PORTCULLIS_CHECK(column != table.columns.end(),
                     "a table's unindexed rows are told by a column that it does not have");
    const auto kind = value.absent                        ? RowBatch::Kind::kAbsent
                      : column->type == ColumnType::kText ? RowBatch::Kind::kText
                                                          : RowBatch::Kind::kInteger;
    image->unindexed_.push_back(
        {static_cast<std::size_t>(column - table.columns.begin()), {kind, value.integer, value.text}});
  }
  image->root_ = static_cast<std::size_t>(root->front().integer);
  image->fixed_pages_ = static_cast<std::size_t>(size) / kPageBytes;
  image->bytes_ = std::make_unique_for_overwrite<unsigned char[]>((image->fixed_pages_ + kMostLeaves) * kPageBytes);
  std::copy_n(pages.get(), size, image->bytes_.get());
  return image;
}

std::size_t SqliteImage::fill(const RowBatch& rows, std::size_t first, RowBatch& others) {
  leaves_ = 0;
  taken_ = 0;
  begin_leaf();
  for (; first < rows.cells(); first += columns_) {
    const std::int64_t key = rows.cell(first).integer;
    const bool in_order = taken_ == 0 || key > last_key_;
    if (!in_order || in_an_index(rows, first) || !measure(rows, first) ||
        payload_bytes_ > kPageBytes - kOverflowBytes) {
      others.add_row(rows, first, columns_);
      continue;
    }
    const std::size_t cell =
        varint_bytes(payload_bytes_) + varint_bytes(static_cast<std::uint64_t>(key)) + payload_bytes_;
    if (kLeafHead + 2 * (cells_ + 1) + cell > content_) {
      end_leaf();
      if (leaves_ == kMostLeaves) break;
      begin_leaf();
    }
    content_ -= cell;
    unsigned char* const leaf = page(fixed_pages_ + leaves_ + 1);
    unsigned char* at = put_varint(leaf + content_, payload_bytes_);
    at = put_varint(at, static_cast<std::uint64_t>(key));
    write(rows, first, at);
    give_way();
    store(leaf + kLeafHead + 2 * cells_, static_cast<std::uint16_t>(content_));
    ++cells_;
    ++taken_;
    last_key_ = key;
  }
  if (leaves_ < kMostLeaves && cells_ > 0) end_leaf();
  if (leaves_ > 0) finish();
  return first;
}

bool SqliteImage::in_an_index(const RowBatch& rows, std::size_t first) const {
  return !std::ranges::all_of(unindexed_,
                              [&](const Unindexed& of) { return same(rows.cell(first + of.column), of.value); });
}

// The serial types of the row's values, and what it takes. False: a value is absent that must be there, which SQLite
// will say in its own words.
bool SqliteImage::measure(const RowBatch& rows, std::size_t first) {
  const RowBatch::Stored* const row = rows.stored(first);
  std::size_t head = 1;  // the key, which the cell has
  std::size_t body = 0;
  std::uint32_t* const types = types_.data();
  types[0] = kNull;
  for (std::size_t i = 1; i < columns_; ++i) {
    const RowBatch::Stored& value = row[i];
    std::uint32_t type = kNull;
    if (value.kind == RowBatch::Kind::kInteger) {
      type = type_of(value.value);
      body += kIntegerBytes.data()[type];
    } else if (value.kind == RowBatch::Kind::kText) {
      type = kFirstText + 2 * value.size;
      body += value.size;
    } else if (required_.data()[i] != 0) {
      return false;
    }
    types[i] = type;
    head += type < 0x80 ? 1 : varint_bytes(type);
  }
  // The head begins with its own length, which has two bytes at most: 64 types of five.
  head_bytes_ = head + 1 < 0x80 ? head + 1 : head + 2;
  payload_bytes_ = head_bytes_ + body;
  return row[0].kind == RowBatch::Kind::kInteger;
}

void SqliteImage::write(const RowBatch& rows, std::size_t first, unsigned char* at) const {
  const RowBatch::Stored* const row = rows.stored(first);
  const char* const texts = rows.texts();
  const std::uint32_t* const types = types_.data();
  unsigned char* body = at + head_bytes_;
  at = put_varint(at, head_bytes_);
  for (std::size_t i = 0; i < columns_; ++i) {
    const std::uint32_t type = types[i];
    if (type < 0x80) {
      *at++ = static_cast<unsigned char>(type);
    } else {
      at = put_varint(at, type);
    }
    if (type >= kFirstText) {
      body = put_text(body, texts + row[i].value, row[i].size);
    } else if (type != kNull) {
      body = put_integer(body, type, row[i].value);
    }
  }
}

void SqliteImage::begin_leaf() {
  cells_ = 0;
  content_ = kPageBytes;
}

void SqliteImage::end_leaf() {
  unsigned char* const head = page(fixed_pages_ + leaves_ + 1);
  head[0] = kTableLeaf;
  store(head + 1, std::uint16_t{0});  // no free block
  store(head + 3, static_cast<std::uint16_t>(cells_));
  store(head + 5, static_cast<std::uint16_t>(content_));
  head[7] = 0;  // no fragments
  last_keys_[leaves_] = last_key_;
  ++leaves_;
  begin_leaf();
}

// The table's root, above the leaves; and how many pages there are.
void SqliteImage::finish() {
  unsigned char* const root = page(root_);
  if (leaves_ == 1) {
    // A root has a child at each side of a key, so one leaf is the root itself.
    std::copy_n(page(fixed_pages_ + 1), kPageBytes, root);
    leaves_ = 0;
  }
  const std::size_t leaves = leaves_;
  if (leaves > 0) {
    root[0] = kTableInterior;
    std::size_t content = kPageBytes;
    for (std::size_t i = 0; i + 1 < leaves; ++i) {
      const auto key = static_cast<std::uint64_t>(last_keys_[i]);
      content -= 4 + varint_bytes(key);
      store(root + content, static_cast<std::uint32_t>(fixed_pages_ + i + 1));
      put_varint(root + content + 4, key);
      store(root + kInteriorHead + 2 * i, static_cast<std::uint16_t>(content));
    }
    store(root + 1, std::uint16_t{0});
    store(root + 3, static_cast<std::uint16_t>(leaves - 1));
    store(root + 5, static_cast<std::uint16_t>(content));
    root[7] = 0;
    store(root + 8, static_cast<std::uint32_t>(fixed_pages_ + leaves));
  }
  unsigned char* const head = bytes_.get();
  store(head + kPagesAt, static_cast<std::uint32_t>(fixed_pages_ + leaves));
  std::copy_n(head + kChangeCounterAt, 4, head + kValidForAt);
}

}  // namespace portcullis::persistence
