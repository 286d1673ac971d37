#pragma once

#include <functional>
#include <thread>

namespace portcullis::session {

// A thread with a name for the operator's tools, that takes no signals (the main thread does), and that
// yields to the core thread where `background` is true.
std::thread start_thread(const char* name, bool background, std::function<void()> run);

}  // namespace portcullis::session
