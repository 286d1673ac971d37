#include "session/tls.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/session/certificates.h"

namespace portcullis::session {
namespace {

using testing::CertificateAuthority;
using testing::CertificateFiles;
using testing::CertificateWish;
using testing::TemporaryDirectory;
using Progress = TlsStream::Progress;

class Tls : public ::testing::Test {
 protected:
  Tls() : ca_(directory_, "house"), stranger_(directory_, "stranger") {
    server_files_ = ca_.issue("server", {"fix.example", {"fix.example"}, {"127.0.0.1"}});
  }

  config::ServerTls server_settings(bool mutual) const {
    config::ServerTls settings;
    settings.certificate = server_files_.certificate;
    settings.private_key = server_files_.private_key;
    if (mutual) settings.client_ca = ca_.certificate_file();
    return settings;
  }
  config::ClientTls client_settings(const std::string& server_name = "fix.example") const {
    config::ClientTls settings;
    settings.ca = ca_.certificate_file();
    settings.server_name = server_name;
    return settings;
  }
  static void add(config::ClientTls& settings, const CertificateFiles& files) {
    settings.certificate = files.certificate;
    settings.private_key = files.private_key;
  }

  // Runs both sides against each other until neither moves. True: both handshakes are done.
  bool shake(const config::ServerTls& server, const config::ClientTls& client) {
    auto server_context = TlsContext::for_server(server);
    auto client_context = TlsContext::for_client(client);
    EXPECT_TRUE(server_context.ok() && client_context.ok());
    server_ = std::make_unique<TlsStream>(*server_context);
    client_ = std::make_unique<TlsStream>(*client_context);
    Progress at_client = Progress::kWantInput;
    Progress at_server = Progress::kWantInput;
    for (int i = 0; i < 10; ++i) {
      if (at_client == Progress::kWantInput) at_client = client_->handshake();
      move(*client_, *server_);
      if (at_server == Progress::kWantInput) at_server = server_->handshake();
      move(*server_, *client_);
    }
    return at_client == Progress::kDone && at_server == Progress::kDone;
  }

  static void move(TlsStream& from, TlsStream& to) {
    std::string bytes;
    from.take_output(bytes);
    to.feed(bytes);
  }

  std::string send(TlsStream& from, TlsStream& to, const std::string& text) {
    EXPECT_TRUE(from.write(text));
    move(from, to);
    std::string got(text.size() + 10, '\0');
    const TlsStream::ReadResult result = to.read(got.data(), got.size());
    EXPECT_EQ(result.progress, Progress::kWantInput);
    got.resize(result.size);
    return got;
  }

  TemporaryDirectory directory_;
  CertificateAuthority ca_;
  CertificateAuthority stranger_;
  CertificateFiles server_files_;
  std::unique_ptr<TlsStream> server_;
  std::unique_ptr<TlsStream> client_;
};

TEST_F(Tls, CarriesBytesBothWays) {
  ASSERT_TRUE(shake(server_settings(false), client_settings())) << client_->failure();
  EXPECT_EQ(send(*client_, *server_, "35=A"), "35=A");
  const std::string large(100'000, 'x');
  EXPECT_EQ(send(*server_, *client_, large), large);
  EXPECT_TRUE(server_->peer_identity().empty()) << "no certificate was asked for";
  EXPECT_EQ(client_->description().substr(0, 7), "TLSv1.3");
}

TEST_F(Tls, TellsTheServerWhoTheClientIs) {
  config::ClientTls client = client_settings();
  add(client, ca_.issue("alpha", {"ALPHA", {"alpha.example"}, {}}));
  ASSERT_TRUE(shake(server_settings(true), client)) << server_->failure();
  const PeerIdentity identity = server_->peer_identity();
  EXPECT_TRUE(identity.carries("ALPHA"));
  EXPECT_TRUE(identity.carries("alpha.example"));
  EXPECT_FALSE(identity.carries("BETA"));
  EXPECT_FALSE(identity.carries(""));
}

TEST_F(Tls, RefusesAClientWithoutACertificate) {
  EXPECT_FALSE(shake(server_settings(true), client_settings()));
  EXPECT_EQ(server_->failure(), "TLS: peer did not return a certificate");
}

TEST_F(Tls, RefusesAClientOfAnotherAuthority) {
  config::ClientTls client = client_settings();
  add(client, stranger_.issue("alpha", {"ALPHA", {}, {}}));
  EXPECT_FALSE(shake(server_settings(true), client));
  EXPECT_EQ(server_->failure(), "TLS: unable to get local issuer certificate");
}

TEST_F(Tls, RefusesAnExpiredClientCertificate) {
  config::ClientTls client = client_settings();
  add(client, ca_.issue("alpha", {"ALPHA", {}, {}, -10, -5}));
  EXPECT_FALSE(shake(server_settings(true), client));
  EXPECT_EQ(server_->failure(), "TLS: certificate has expired");
}

TEST_F(Tls, RefusesAServerOfAnotherName) {
  EXPECT_FALSE(shake(server_settings(false), client_settings("other.example")));
  EXPECT_EQ(client_->failure(), "TLS: hostname mismatch");
}

TEST_F(Tls, ChecksAnAddressAsServerName) {
  EXPECT_TRUE(shake(server_settings(false), client_settings("127.0.0.1")));
  EXPECT_FALSE(shake(server_settings(false), client_settings("127.0.0.2")));
  EXPECT_EQ(client_->failure(), "TLS: IP address mismatch");
}

TEST_F(Tls, RefusesAnExpiredServer) {
  server_files_ = ca_.issue("server", {"fix.example", {"fix.example"}, {}, -10, -5});
  EXPECT_FALSE(shake(server_settings(false), client_settings()));
  EXPECT_EQ(client_->failure(), "TLS: certificate has expired");
}

TEST_F(Tls, RefusesAServerOfAnotherAuthority) {
  server_files_ = stranger_.issue("server", {"fix.example", {"fix.example"}, {}});
  EXPECT_FALSE(shake(server_settings(false), client_settings()));
  EXPECT_EQ(client_->failure(), "TLS: unable to get local issuer certificate");
}

TEST_F(Tls, FailsOnWhatIsNoTls) {
  auto context = TlsContext::for_server(server_settings(false));
  ASSERT_TRUE(context.ok());
  TlsStream stream(*context);
  stream.feed(
      "8=FIX.4.4\x01"
      "9=5\x01");
  EXPECT_EQ(stream.handshake(), Progress::kFailed);
  EXPECT_FALSE(stream.failure().empty());
}

TEST_F(Tls, SaysThatThePeerClosed) {
  ASSERT_TRUE(shake(server_settings(false), client_settings()));
  client_->shutdown();
  move(*client_, *server_);
  char byte = 0;
  EXPECT_EQ(server_->read(&byte, 1).progress, Progress::kClosed);
}

TEST_F(Tls, NamesTheFileThatCannotBeUsed) {
  config::ServerTls settings = server_settings(false);
  settings.certificate = directory_.file("missing.pem");
  auto missing = TlsContext::for_server(settings);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().what.find("missing.pem"), std::string::npos) << missing.error().what;

  settings = server_settings(false);
  settings.private_key = ca_.issue("other", {"other", {}, {}}).private_key;
  auto wrong_key = TlsContext::for_server(settings);
  ASSERT_FALSE(wrong_key.ok());
  EXPECT_NE(wrong_key.error().what.find("other.key"), std::string::npos) << wrong_key.error().what;

  config::ClientTls client = client_settings();
  client.ca = directory_.file("empty.pem");
  std::ofstream(*client.ca) << "no certificate\n";
  EXPECT_FALSE(TlsContext::for_client(client).ok());
  EXPECT_FALSE(TlsContext::for_client(client_settings("")).ok());
}

}  // namespace
}  // namespace portcullis::session
