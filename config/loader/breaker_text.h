#pragma once

#include <yaml-cpp/yaml.h>

#include "config/config.h"

namespace portcullis::config {

// A part of core_text(): the keys of `risk` that say what happens before a limit is reached, and what trips by itself.
void emit_risk_responses(YAML::Emitter& out, const RiskSection& value);

}  // namespace portcullis::config
