#pragma once

#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

// Keys and certificates made when they are needed, for tests and benchmarks; no key is ever kept in the tree.

namespace portcullis::sim {

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
  // Writes NAME-ca.pem into the directory.
  CertificateAuthority(std::string directory, const std::string& name);
  ~CertificateAuthority();
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;

  const std::string& certificate_file() const { return certificate_file_; }
  // Writes PREFIX.pem and PREFIX.key.
  CertificateFiles issue(const std::string& prefix, const CertificateWish& wish) const;

 private:
  std::string directory_;
  std::string certificate_file_;
  evp_pkey_st* key_ = nullptr;
  x509_st* certificate_ = nullptr;
};

}  // namespace portcullis::sim
