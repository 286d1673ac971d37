#pragma once

#include <string>
#include <string_view>

// Tables as CSV (RFC 4180) that a spreadsheet may open without harm.

namespace portcullis::admin {

// One text cell. What a spreadsheet would take for a formula (a first character of = + - @, tab or carriage return)
// gets a leading apostrophe; what holds a comma, a quote or a line break is quoted. Much of what a report shows was
// written by counterparties.
std::string csv_text(std::string_view text);

// A number that this program has formatted: as it is, its minus too.
std::string csv_number(std::string_view digits);

}  // namespace portcullis::admin
