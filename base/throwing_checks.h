#pragma once

#include <stdexcept>

// What is made of bytes that somebody else may have written, the fold of a journal's records, meets mistakes that are
// not this program's.

namespace portcullis {

class CheckFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// While one of these stands, a PORTCULLIS_CHECK that fails on its thread throws CheckFailed instead of ending the process.
// Whoever sets it up catches that, and uses nothing any more of what was being changed.
class ThrowingChecks {
 public:
  ThrowingChecks();
  ~ThrowingChecks();
  ThrowingChecks(const ThrowingChecks&) = delete;
  ThrowingChecks& operator=(const ThrowingChecks&) = delete;

 private:
  const bool before_;
};

}  // namespace portcullis
