#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

// Keys and certificates made when a test runs; no key is ever kept in the tree.

namespace portcullis::session::testing {

// A directory of this test's own, removed with all it holds.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct CertificateFiles {
  std::string certificate;
  std::string private_key;
};

struct CertificateWish {
  std::string common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;
  int valid_from_days = -1;  // from today
  int valid_to_days = 1;
};

class CertificateAuthority {
 public:
  CertificateAuthority(const TemporaryDirectory& directory, const std::string& name);
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  const std::string& certificate_file() const { return certificate_file_; }
  // Writes PREFIX.pem and PREFIX.key.
  CertificateFiles issue(const std::string& prefix, const CertificateWish& wish) const;

 private:
  const TemporaryDirectory& directory_;
  std::string certificate_file_;
  evp_pkey_st* key_ = nullptr;
  x509_st* certificate_ = nullptr;
};

}  // namespace portcullis::session::testing
