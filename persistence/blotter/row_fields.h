#pragma once

#include <array>
#include <type_traits>
#include <utility>

#include "persistence/blotter/rows.h"

// How a kind of row is told its columns: for the lists in rows.cc and report_rows.cc alone.

namespace portcullis::persistence {

// One column: its name, and the member that it holds. The member's type is the column's.
template <typename R>
struct Field {
  std::string_view column;
  std::variant<std::int64_t R::*, std::string R::*, std::string_view R::*, OptionalInteger R::*> member;
  bool sparse = false;  // a text that is NULL when it is empty
};

// In the order of the table's columns, the key first: the only list of them in the code.
template <typename R>
struct Fields;

template <typename R>
constexpr auto make_columns() {
  std::array<Column, std::size(Fields<R>::kAll)> columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Field<R>& field = Fields<R>::kAll[i];
    const bool text = std::holds_alternative<std::string R::*>(field.member) ||
                      std::holds_alternative<std::string_view R::*>(field.member);
    columns[i] = Column{field.column, text ? ColumnType::kText : ColumnType::kInteger};
  }
  return columns;
}

template <typename R>
constexpr auto kColumnsOf = make_columns<R>();

template <bool sparse>
void set_value(RowBatch& to, std::size_t at, std::int64_t integer) {
  to.set(at, integer);
}
template <bool sparse>
void set_value(RowBatch& to, std::size_t at, std::string_view text) {
  if (sparse && text.empty()) return to.set_absent(at);
  to.set(at, text);
}
template <bool sparse>
void set_value(RowBatch& to, std::size_t at, const OptionalInteger& integer) {
  integer ? to.set(at, *integer) : to.set_absent(at);
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
template <typename R>
void append_row(const R& row, RowBatch& to) {
  const std::size_t first = to.begin_row(std::size(Fields<R>::kAll));
  const auto set = [&]<std::size_t at>() {
    constexpr const Field<R>& field = Fields<R>::kAll[at];
    set_value<field.sparse>(to, first + at, row.*std::get<field.member.index()>(field.member));
  };
  [&]<std::size_t... at>(std::index_sequence<at...>) {
    (set.template operator()<at>(), ...);
  }(std::make_index_sequence<std::size(Fields<R>::kAll)>());
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
