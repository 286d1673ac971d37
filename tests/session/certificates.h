#pragma once

#include <filesystem>
#include <string>

#include "sim/certificates.h"

// Keys and certificates in a directory of the test's own.

namespace portcullis::session::testing {

// Removed with all it holds.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

using sim::CertificateFiles;
using sim::CertificateWish;

class CertificateAuthority : public sim::CertificateAuthority {
 public:
  CertificateAuthority(const TemporaryDirectory& directory, const std::string& name)
      : sim::CertificateAuthority(directory.path(), name) {}
};

}  // namespace portcullis::session::testing
