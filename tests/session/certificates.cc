#include "tests/session/certificates.h"

#include <stdlib.h>

#include "base/check.h"

namespace portcullis::session::testing {

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "portcullis-test-XXXXXX").string();
  PORTCULLIS_CHECK(mkdtemp(pattern.data()) != nullptr, "making a temporary directory");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;  // a left-over directory fails no test
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace portcullis::session::testing
