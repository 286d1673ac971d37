#pragma once

#include "config/config.h"
#include "gateway/decide.h"
#include "gateway/state.h"

// A start's configuration. New names get their indices and reference data becomes events, in stages, each
// applied before the next is decided; then what only decisions read is set up, by index.

namespace portcullis::gateway {

inline constexpr int kConfigurationStages = 3;

// Stage 0: currencies, clients, brokers; 1: what refers to them; 2: quotes, rates and who may act.
void decide_configuration(Deciding& d, const config::Config& configuration, int stage);

// Not journaled: the next start sets it up anew, from its own configuration.
void set_up(State& state, const config::Config& configuration);

}  // namespace portcullis::gateway
