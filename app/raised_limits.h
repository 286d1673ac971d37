#pragma once

#include <string>
#include <vector>

#include "config/config.h"

// The two-person rule for a file that a running gateway reads again: what it would loosen waits for two persons at
// PUT /limits, and the file is refused. What is new in it states its limits for the first time, and may.

namespace portcullis::app {

// The limits of `next` that let pass what `running` refuses, as "risk.accounts.ALPHA-1.max_long_position: 30000000
// instead of 20000000".
std::vector<std::string> raised_limits(const config::Config& running, const config::Config& next);

}  // namespace portcullis::app
