#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/loader/reader.h"

namespace portcullis::config {

// What needs more than one section: names that refer to something, things that must be unique over
// the file, rates for every currency. `root` is the tree that `config` was read from; values that
// were refused are empty in `config` and pass here.
void check_across(Context& context, const YamlNode& root, const Config& config);

// Its last part: what limits owe to other parts of the file. Each client has of its own what risk.mandatory_limits
// names, or does not begin enabled; nothing is looser than risk.absolute.
void check_own_limits(Context& context, const YamlNode& root, const Config& config);

using Path = std::vector<std::string>;
// The node at a path of keys and list indices, or the last one on the way that exists.
const YamlNode& place(const YamlNode& root, const Path& path);

}  // namespace portcullis::config
