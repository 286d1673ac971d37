#include "sim/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <utility>

#include "base/check.h"

namespace portcullis::sim {

namespace {

void write_certificate(const std::string& path, X509* certificate) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  PORTCULLIS_CHECK(file != nullptr && PEM_write_X509(file, certificate) == 1, "writing a certificate");
  std::fclose(file);
}

void write_key(const std::string& path, EVP_PKEY* key) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  PORTCULLIS_CHECK(file != nullptr && PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
                   "writing a private key");
  std::fclose(file);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  PORTCULLIS_CHECK(extension != nullptr, "a certificate extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* make(EVP_PKEY* key, const CertificateWish& wish, X509* issuer, EVP_PKEY* issuer_key) {
  static long serial = 1;
  constexpr long kDay = 24 * 3600;
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.valid_from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.valid_to_days * kDay);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1, -1, 0);
  X509* signer = issuer != nullptr ? issuer : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  add_extension(certificate, signer, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  std::string names;
  for (const std::string& name : wish.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& address : wish.addresses) names += (names.empty() ? "IP:" : ",IP:") + address;
  if (!names.empty()) add_extension(certificate, signer, NID_subject_alt_name, names);
  PORTCULLIS_CHECK(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "signing a certificate");
  return certificate;
}

}  // namespace

CertificateAuthority::CertificateAuthority(std::string directory, const std::string& name)
    : directory_(std::move(directory)), certificate_file_(directory_ + "/" + name + "-ca.pem") {
  key_ = EVP_EC_gen("P-256");
  CertificateWish wish;
  wish.common_name = name;
  wish.valid_from_days = -1000;
  wish.valid_to_days = 1000;
  certificate_ = make(key_, wish, nullptr, key_);
  write_certificate(certificate_file_, certificate_);
}

CertificateAuthority::~CertificateAuthority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

CertificateFiles CertificateAuthority::issue(const std::string& prefix, const CertificateWish& wish) const {
  const CertificateFiles files = {directory_ + "/" + prefix + ".pem", directory_ + "/" + prefix + ".key"};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = make(key, wish, certificate_, key_);
  write_certificate(files.certificate, certificate);
  write_key(files.private_key, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

}  // namespace portcullis::sim
