#pragma once

#include <CLI/CLI.hpp>
#include <functional>

// A subcommand of `portcullis`: one file in this folder with an add_… function, and one line in main.cc.
// The function describes the subcommand to the parser; when it is the one that was called, `run` is set
// to what it does. Its result is the exit code.

namespace portcullis::app {

inline constexpr int kExitDone = 0;
inline constexpr int kExitNo = 1;        // the answer is no: faults, damage, a failed run
inline constexpr int kExitWrongUse = 2;  // the command line is wrong

using Run = std::function<int()>;

void add_run(CLI::App& app, Run& run);
void add_audit(CLI::App& app, Run& run);
void add_check_config(CLI::App& app, Run& run);
void add_controls(CLI::App& app, Run& run);
void add_user(CLI::App& app, Run& run);
void add_demo(CLI::App& app, Run& run);
void add_broker(CLI::App& app, Run& run);
void add_client(CLI::App& app, Run& run);
void add_journal(CLI::App& app, Run& run);
void add_blotter(CLI::App& app, Run& run);
// kill, drill, status and positions: through the running gateway's own socket.
void add_kill(CLI::App& app, Run& run);

}  // namespace portcullis::app
