#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace portcullis::app {

// What would be less careful in `next` than in `running`, besides limits (app/raised_limits.h): each as
// "key: its value instead of what it was". A file that is read again while the gateway runs is one person's word, so it
// may only tighten; what is new to the gateway (a client, an account, a broker, an instrument) begins under the limits
// above it and is no loosening of what runs.
std::vector<std::string> loosened(const config::Config& running, const config::Config& next);

}  // namespace portcullis::app
