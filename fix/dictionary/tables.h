#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fix/dictionary.h"

namespace portcullis::fix {

// What a Dictionary is made of; for its own two files only.
struct Dictionary::Tables {
  struct Field {
    FieldType type = FieldType::kUnknown;
    bool known = false;
    std::unique_ptr<Enumeration> values;  // null: any value
  };

  bool is_known(std::uint32_t tag) const { return tag < fields.size() && fields[tag].known; }

  std::string begin_string;
  std::vector<Field> fields;  // by tag
  Scope header;
  Scope trailer;
  std::vector<std::pair<std::string, std::unique_ptr<Scope>>> messages;
  std::array<const Scope*, 128> short_messages = {};  // those of one character, by it
  std::vector<std::unique_ptr<Scope>> groups;
};

}  // namespace portcullis::fix
