#pragma once

#include "app/commands/command.h"

namespace portcullis::app {

// `portcullis bench`: the gateway against a byte relay and a textbook gateway (bench/comparison.h).
void add_bench(CLI::App& app, Run& run);

}  // namespace portcullis::app
