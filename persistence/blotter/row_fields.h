#pragma once

#include <array>
#include <type_traits>
#include <utility>

#include "persistence/blotter/rows.h"

// How a kind of row is told its columns: for the lists in rows.cc and report_rows.cc alone.

namespace portcullis::persistence {

// A text that is NULL when it is empty; a column that an ordinary row does not have (Table::ordinary).
inline constexpr unsigned kSparse = 1;
inline constexpr unsigned kRare = 2;

// One column: its name, and the member that it holds. The member's type is the column's.
template <typename R>
struct Field {
  std::string_view column;
  std::variant<std::int64_t R::*, std::string R::*, std::string_view R::*, OptionalInteger R::*> member;
  unsigned is = 0;  // kSparse, kRare
  constexpr bool sparse() const { return (is & kSparse) != 0; }
  constexpr bool rare() const { return (is & kRare) != 0; }
};

// In the order of the table's columns, the key first: the only list of them in the code.
template <typename R>
struct Fields;

template <typename R>
constexpr std::size_t count_ordinary() {
  std::size_t count = 0;
  for (const Field<R>& field : Fields<R>::kAll) count += field.rare() ? 0 : 1;
  return count;
}

template <typename R, bool ordinary>
constexpr auto make_columns() {
  constexpr std::size_t kCount = std::size(Fields<R>::kAll);
  std::array<Column, ordinary ? count_ordinary<R>() : kCount> columns;
  std::size_t at = 0;
  for (const Field<R>& field : Fields<R>::kAll) {
    if (ordinary && field.rare()) continue;
    const bool text = std::holds_alternative<std::string R::*>(field.member) ||
                      std::holds_alternative<std::string_view R::*>(field.member);
    columns[at++] = Column{field.column, text ? ColumnType::kText : ColumnType::kInteger};
  }
  return columns;
}

template <typename R>
constexpr auto kColumnsOf = make_columns<R, false>();
template <typename R>
constexpr auto kOrdinaryColumnsOf = make_columns<R, true>();

template <bool sparse>
void add_value(RowBatch::Writer& to, std::int64_t integer) {
  to.add(integer);
}
template <bool sparse>
void add_value(RowBatch::Writer& to, std::string_view text) {
  if (sparse && text.empty()) return to.add_absent();
  to.add(text);
}
template <bool sparse>
void add_value(RowBatch::Writer& to, const OptionalInteger& integer) {
  integer ? to.add(*integer) : to.add_absent();
}

inline std::size_t text_bytes(std::int64_t) {
  return 0;
}
inline std::size_t text_bytes(std::string_view text) {
  return text.size();
}
inline std::size_t text_bytes(const OptionalInteger&) {
  return 0;
}

inline void take(const Value& value, std::int64_t& integer) {
  integer = std::get<std::int64_t>(value);
}
inline void take(const Value& value, std::string& text) {
  if (const auto* given = std::get_if<std::string>(&value)) {
    text = *given;
  } else {
    text.clear();
  }
}
inline void take(const Value& value, OptionalInteger& integer) {
  integer = std::holds_alternative<std::int64_t>(value) ? OptionalInteger(std::get<std::int64_t>(value)) : std::nullopt;
}

// The list is known to the compiler, so that each member is one load and not a choice among the kinds.
template <typename R, bool ordinary>
void append_columns(const R& row, RowBatch& to) {
  const auto for_each = [&row](auto&& use) {
    const auto one = [&]<std::size_t at>() {
      constexpr const Field<R>& field = Fields<R>::kAll[at];
      if constexpr (!ordinary || !field.rare()) {
        use.template operator()<field.sparse()>(row.*std::get<field.member.index()>(field.member));
      }
    };
    [&]<std::size_t... at>(std::index_sequence<at...>) {
      (one.template operator()<at>(), ...);
    }
    (std::make_index_sequence<std::size(Fields<R>::kAll)>());
  };
  std::size_t most = std::size(Fields<R>::kAll) * RowBatch::kMostOfAValue;
  for_each([&most]<bool sparse>(const auto& value) { most += text_bytes(value); });
  RowBatch::Writer writer = to.begin(most);
  for_each([&writer]<bool sparse>(const auto& value) { add_value<sparse>(writer, value); });
  to.end(writer);
}

template <typename R>
void append_row(const R& row, RowBatch& to) {
  if constexpr (count_ordinary<R>() < std::size(Fields<R>::kAll)) {
    if (to.ordinary()) return append_columns<R, true>(row, to);
  }
  append_columns<R, false>(row, to);
}

template <typename R>
void from_row(const Row& row, R& into) {
  std::size_t at = 0;
  for (const Field<R>& field : Fields<R>::kAll) {
    const Value& value = row.at(at++);
    std::visit(
        [&](const auto member) {
          // Views are written only; a row that is read has strings.
          if constexpr (!std::is_same_v<decltype(into.*member), std::string_view&>) take(value, into.*member);
        },
        field.member);
  }
}

}  // namespace portcullis::persistence
