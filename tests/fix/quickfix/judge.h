#pragma once

// QuickFIX's own judgement of a message, behind a header that includes nothing of QuickFIX, since its
// headers do not compile past C++14.

#include <string>

namespace quickfix_judge {

struct Judgement {
  bool accepted;
  std::string why;  // QuickFIX's words
};

// Parses and validates as FIX::Session does with UseDataDictionary=Y. `begin_string`: FIX.4.2 or FIX.4.4,
// with our dictionaries. `user_defined_tags`: ValidateUserDefinedFields=N.
Judgement judge(const std::string& begin_string, const std::string& bytes, bool user_defined_tags);

}  // namespace quickfix_judge
