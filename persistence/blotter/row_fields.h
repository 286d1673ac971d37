#pragma once

#include <array>

#include "persistence/blotter/rows.h"

// How a kind of row is told its columns: for the lists in rows.cc and report_rows.cc alone.

namespace portcullis::persistence {

// One column: its name, and the member that it holds. The member's type is the column's.
template <typename R>
struct Field {
  std::string_view column;
  std::variant<std::int64_t R::*, std::string R::*, OptionalInteger R::*> member;
};

// In the order of the table's columns, the key first: the only list of them in the code.
template <typename R>
struct Fields;

template <typename R>
constexpr auto make_columns() {
  std::array<Column, std::size(Fields<R>::kAll)> columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Field<R>& field = Fields<R>::kAll[i];
    const bool text = std::holds_alternative<std::string R::*>(field.member);
    columns[i] = Column{field.column, text ? ColumnType::kText : ColumnType::kInteger};
  }
  return columns;
}

template <typename R>
constexpr auto kColumnsOf = make_columns<R>();

inline Value value_of(std::int64_t integer) {
  return integer;
}
inline Value value_of(const std::string& text) {
  return text;
}
inline Value value_of(const OptionalInteger& integer) {
  return integer ? Value(*integer) : Value();
}

inline void take(const Value& value, std::int64_t& integer) {
  integer = std::get<std::int64_t>(value);
}
inline void take(const Value& value, std::string& text) {
  text = std::get<std::string>(value);
}
inline void take(const Value& value, OptionalInteger& integer) {
  integer = std::holds_alternative<std::int64_t>(value) ? OptionalInteger(std::get<std::int64_t>(value)) : std::nullopt;
}

template <typename R>
Row to_row(const R& from) {
  Row row;
  row.reserve(std::size(Fields<R>::kAll));
  for (const Field<R>& field : Fields<R>::kAll) {
    row.push_back(std::visit([&](const auto member) { return value_of(from.*member); }, field.member));
  }
  return row;
}

template <typename R>
void from_row(const Row& row, R& into) {
  std::size_t at = 0;
  for (const Field<R>& field : Fields<R>::kAll) {
    const Value& value = row.at(at++);
    std::visit([&](const auto member) { take(value, into.*member); }, field.member);
  }
}

}  // namespace portcullis::persistence
