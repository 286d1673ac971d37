#pragma once

#include <span>
#include <string>
#include <string_view>

#include "order/reject.h"

// What each control is, in words: the inventory that a risk officer signs for. docs/risk.md's table, `portcullis
// controls` and the report control_inventory are this table; tests/risk/inventory_test.cc holds it to the registry, to
// the limits of the configuration and to the tests that it names.

namespace portcullis::risk {

struct ControlText {
  order::Control id;
  std::string_view name;     // one or two words
  std::string_view what;     // what it refuses or does, a phrase
  std::string_view formula;  // what passes; "-" when it is no comparison
  std::string_view scopes;   // "firm, client, account"
  std::string_view limits;   // names of the configuration, comma-separated; "-" when there is none
  std::string_view level;    // hard, soft, latch, joined by ", "
  std::string_view codes;    // numbers of order::RejectCode, as they stand in Text(58): "4, 1, 2"; "-"
  std::string_view source;   // the rule that asks for it
  std::string_view test;     // FILE: PREFIX of the names of its tests
};

// In the order in which the controls are asked, those outside the registry behind.
std::span<const ControlText> inventory();

// Null when it has no entry: the control is not built.
const ControlText* find_control_text(order::Control id);

// The table of docs/risk.md, with its heading: what `portcullis controls --markdown` prints.
std::string inventory_markdown();

}  // namespace portcullis::risk
