#pragma once

#include "config/config.h"
#include "config/loader/reader.h"

namespace portcullis::config {

// What needs more than one section: names that refer to something, things that must be unique over
// the file, rates for every currency. `root` is the tree that `config` was read from; values that
// were refused are empty in `config` and pass here.
void check_across(Context& context, const YamlNode& root, const Config& config);

}  // namespace portcullis::config
