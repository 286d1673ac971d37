#include "admin/csv.h"

#include "base/check.h"

namespace portcullis::admin {

std::string csv_text(std::string_view text) {
  constexpr std::string_view kStartsFormula = "=+-@\t\r";
  const bool dangerous = !text.empty() && kStartsFormula.find(text.front()) != std::string_view::npos;
  const bool quoted = text.find_first_of(",\"\r\n") != std::string_view::npos;
  std::string cell;
  if (quoted) cell += '"';
  if (dangerous) cell += '\'';
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  if (quoted) cell += '"';
  return cell;
}

std::string csv_number(std::string_view digits) {
  PORTCULLIS_CHECK(digits.find_first_not_of("-0123456789.") == std::string_view::npos, "a number that is none");
  return std::string(digits);
}

}  // namespace portcullis::admin
