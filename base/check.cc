#include "base/check.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/throwing_checks.h"

namespace portcullis {

namespace {

thread_local bool checks_throw = false;

}  // namespace

ThrowingChecks::ThrowingChecks() : before_(std::exchange(checks_throw, true)) {}
ThrowingChecks::~ThrowingChecks() { checks_throw = before_; }

void check_failed(const char* condition, const char* file, int line, const char* note) {
  if (checks_throw) {
    throw CheckFailed(std::string(note) + " (" + condition + " at " + file + ":" + std::to_string(line) + ")");
  }
  std::fprintf(stderr, "portcullis: check failed: %s at %s:%d: %s\n", condition, file, line, note);
  std::abort();
}

}  // namespace portcullis
