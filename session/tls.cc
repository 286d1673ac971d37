#include "session/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/check.h"

namespace portcullis::session {

namespace {

constexpr std::size_t kMaxNames = 64;

// The oldest entry of OpenSSL's queue, which names the cause; the queue is then empty.
std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(code);
}

Error file_error(const char* what, const std::string& path) {
  return Error{std::string("TLS: cannot use ") + what + " " + path + ": " + openssl_reason()};
}

// Where a key has a passphrase, OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

Status use_certificate(ssl_ctx_st* context, const std::string& certificate, const std::string& private_key) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return file_error("certificate", certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return file_error("private key", private_key);
  }
  if (SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return Error{"TLS: private key " + private_key + " does not belong to certificate " + certificate};
  }
  return {};
}

void apply_common_settings(ssl_ctx_st* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  // Until keep_buffers().
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  PORTCULLIS_CHECK(SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") == 1,
                   "the cipher list of TLS 1.2");
}

bool is_address(const std::string& name) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(name.c_str());
  ERR_clear_error();
  if (address == nullptr) return false;
  ASN1_OCTET_STRING_free(address);
  return true;
}

std::string to_string(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

}  // namespace

bool PeerIdentity::carries(std::string_view name) const {
  return !name.empty() && (common_name == name || std::find(names.begin(), names.end(), name) != names.end());
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::for_server(const config::ServerTls& settings) {
  ERR_clear_error();
  std::shared_ptr<TlsContext> context(new TlsContext);
  context->server_ = true;
  context->context_ = SSL_CTX_new(TLS_server_method());
  if (context->context_ == nullptr) return Error{"TLS: " + openssl_reason()};
  apply_common_settings(context->context_);
  if (const Status status = use_certificate(context->context_, settings.certificate, settings.private_key); !status) {
    return status.error();
  }
  if (settings.client_ca) {
    context->mutual_ = true;
    if (SSL_CTX_load_verify_file(context->context_, settings.client_ca->c_str()) != 1) {
      return file_error("client_ca", *settings.client_ca);
    }
    SSL_CTX_set_client_CA_list(context->context_, SSL_load_client_CA_file(settings.client_ca->c_str()));
    SSL_CTX_set_verify(context->context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return std::shared_ptr<const TlsContext>(std::move(context));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::for_client(const config::ClientTls& settings) {
  ERR_clear_error();
  if (settings.server_name.empty()) {
    return Error{"TLS: server_name is empty; it must be the name that the broker's certificate carries"};
  }
  std::shared_ptr<TlsContext> context(new TlsContext);
  context->server_name_ = settings.server_name;
  context->context_ = SSL_CTX_new(TLS_client_method());
  if (context->context_ == nullptr) return Error{"TLS: " + openssl_reason()};
  apply_common_settings(context->context_);
  if (settings.ca) {
    if (SSL_CTX_load_verify_file(context->context_, settings.ca->c_str()) != 1) return file_error("ca", *settings.ca);
  } else if (SSL_CTX_set_default_verify_paths(context->context_) != 1) {
    return Error{"TLS: cannot use the system's trust store: " + openssl_reason()};
  }
  SSL_CTX_set_verify(context->context_, SSL_VERIFY_PEER, nullptr);
  if (settings.certificate || settings.private_key) {
    if (!settings.certificate || !settings.private_key) {
      return Error{"TLS: certificate and private_key must be given together"};
    }
    const Status status = use_certificate(context->context_, *settings.certificate, *settings.private_key);
    if (!status) return status.error();
  }
  return std::shared_ptr<const TlsContext>(std::move(context));
}

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context) : context_(std::move(context)) {
  ssl_ = SSL_new(context_->context_);
  input_ = BIO_new(BIO_s_mem());
  output_ = BIO_new(BIO_s_mem());
  PORTCULLIS_CHECK(ssl_ != nullptr && input_ != nullptr && output_ != nullptr, "no memory for a TLS connection");
  SSL_set_bio(ssl_, input_, output_);
  if (context_->is_server()) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_set_connect_state(ssl_);
  const std::string& name = context_->server_name_;
  SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(name)) {
    // An address is checked against the certificate's addresses; SNI is for names only (RFC 6066).
    PORTCULLIS_CHECK(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), name.c_str()) == 1, "server_name");
  } else {
    PORTCULLIS_CHECK(SSL_set1_host(ssl_, name.c_str()) == 1, "server_name");
    SSL_set_tlsext_host_name(ssl_, name.c_str());
  }
}

TlsStream::~TlsStream() {
  SSL_free(ssl_);
}

void TlsStream::feed(std::string_view ciphertext) {
  if (ciphertext.empty()) return;
  const int written = BIO_write(input_, ciphertext.data(), static_cast<int>(ciphertext.size()));
  PORTCULLIS_CHECK(written == static_cast<int>(ciphertext.size()), "no memory for TLS input");
}

void TlsStream::take_output(std::string& out) {
  const std::size_t pending = BIO_ctrl_pending(output_);
  if (pending == 0) return;
  const std::size_t before = out.size();
  out.resize(before + pending);
  const int got = BIO_read(output_, out.data() + before, static_cast<int>(pending));
  out.resize(before + static_cast<std::size_t>(std::max(got, 0)));
}

TlsStream::Progress TlsStream::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  return result == 1 ? Progress::kDone : fail(result);
}

TlsStream::ReadResult TlsStream::read(char* out, std::size_t size) {
  ReadResult read;
  while (read.size < size) {
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_, out + read.size, size - read.size, &got);
    if (result != 1) {
      read.progress = fail(result);
      return read;
    }
    read.size += got;
  }
  read.progress = Progress::kDone;
  return read;
}

bool TlsStream::write(std::string_view plain) {
  if (plain.empty()) return true;
  std::size_t written = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_, plain.data(), plain.size(), &written);
  if (result != 1) {
    if (fail(result) != Progress::kFailed) failure_ = "TLS: the handshake is not done";
    return false;
  }
  return true;
}

void TlsStream::keep_buffers() { SSL_clear_mode(ssl_, SSL_MODE_RELEASE_BUFFERS); }

void TlsStream::shutdown() {
  ERR_clear_error();
  // Fails only where there is nothing to say goodbye to, such as before the handshake.
  if (SSL_shutdown(ssl_) < 0) ERR_clear_error();
}

TlsStream::Progress TlsStream::fail(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Progress::kWantInput;
    case SSL_ERROR_ZERO_RETURN:
      return Progress::kClosed;
    default:
      break;
  }
  const long verify = SSL_get_verify_result(ssl_);
  if (verify != X509_V_OK) {
    ERR_clear_error();
    failure_ = std::string("TLS: ") + X509_verify_cert_error_string(verify);
  } else {
    failure_ = "TLS: " + openssl_reason();
  }
  return Progress::kFailed;
}

PeerIdentity TlsStream::peer_identity() const {
  PeerIdentity identity;
  X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return identity;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) identity.common_name = to_string(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && identity.names.size() < kMaxNames; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS) identity.names.push_back(to_string(name->d.dNSName));
    if (name->type == GEN_URI) identity.names.push_back(to_string(name->d.uniformResourceIdentifier));
  }
  GENERAL_NAMES_free(names);
  ERR_clear_error();
  return identity;
}

std::string TlsStream::description() const {
  return std::string(SSL_get_version(ssl_)) + " " + SSL_get_cipher_name(ssl_);
}

}  // namespace portcullis::session
