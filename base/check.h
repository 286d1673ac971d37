#pragma once

// A programmer's mistake stops the process, in release builds too. Bad input and failing resources
// are never reported this way: see base/result.h.

namespace portcullis {

// Prints the condition, the place and the note to standard error, then aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line, const char* note);

}  // namespace portcullis

#define PORTCULLIS_CHECK(condition, note)                                          \
  do {                                                                             \
    if (!(condition)) [[unlikely]]                                                 \
      ::portcullis::check_failed(#condition, __FILE__, __LINE__, note);            \
  } while (false)
