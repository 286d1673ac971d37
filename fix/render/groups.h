#pragma once

#include <cstdint>
#include <span>

#include "fix/dictionary.h"

namespace portcullis::fix {

// Whether the fields of one group, count field first, are a whole group as `count_field` of a message defines it.
bool is_whole_group(std::span<const RawField> fields, const Scope::Member& count_field);

}  // namespace portcullis::fix
