#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace portcullis {

void check_failed(const char* condition, const char* file, int line, const char* note) {
  std::fprintf(stderr, "portcullis: check failed: %s at %s:%d: %s\n", condition, file, line, note);
  std::abort();
}

}  // namespace portcullis
