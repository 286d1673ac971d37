#include "session/authentication.h"

#include <gtest/gtest.h>

#include "fix/frame.h"
#include "session/lockout.h"
#include "session/mask.h"
#include "session/password.h"
#include "tests/session/peer.h"

namespace portcullis::session {
namespace {

using testing::fix_message;

config::AddressRange range(std::array<std::uint8_t, 4> bytes, std::uint8_t bits) {
  config::AddressRange result;
  std::copy(bytes.begin(), bytes.end(), result.address.begin());
  result.prefix_bits = bits;
  return result;
}

IpAddress address(const char* text) {
  const auto parsed = IpAddress::parse(text);
  EXPECT_TRUE(parsed.has_value()) << text;
  return parsed.value_or(IpAddress());
}

class CheckLogon : public ::testing::Test {
 protected:
  CheckLogon() {
    LogonRule alpha;
    alpha.session_id = "alpha";
    alpha.begin_string = "FIX.4.4";
    alpha.comp_id = "ALPHA";
    alpha.gateway_comp_id = "GATE";
    alpha.allow_from = {range({127, 0, 0, 0}, 8)};
    rules_.push_back(alpha);
    alpha.session_id = "beta";
    alpha.comp_id = "BETA";
    alpha.begin_string = "FIX.4.2";
    rules_.push_back(alpha);
  }

  std::string failure_of(const std::string& body, const std::string& begin_string = "FIX.4.4") {
    return check_logon(fix_message(body, begin_string), rules_, from_, peer_).failure;
  }

  std::vector<LogonRule> rules_;
  IpAddress from_ = address("127.0.0.1");
  PeerIdentity peer_;
};

const std::string kLogon = "35=A|34=1|49=ALPHA|56=GATE|52=20261231-10:00:00|98=0|108=30|";

TEST_F(CheckLogon, AcceptsWhatTheConfigurationAllows) {
  const LogonVerdict verdict = check_logon(fix_message(kLogon), rules_, from_, peer_);
  EXPECT_EQ(verdict.failure, "");
  ASSERT_NE(verdict.rule, nullptr);
  EXPECT_EQ(verdict.rule->session_id, "alpha");
  EXPECT_FALSE(verdict.needs_password());
  EXPECT_EQ(failure_of("35=A|34=000012|49=BETA|56=GATE|98=0|108=5|141=Y|", "FIX.4.2"), "");
}

TEST_F(CheckLogon, RefusesAnotherMessageFirst) {
  EXPECT_EQ(failure_of("35=D|34=1|49=ALPHA|56=GATE|98=0|108=30|"), "the first message is no Logon");
  EXPECT_EQ(failure_of("35=5|34=1|49=ALPHA|56=GATE|"), "the first message is no Logon");
}

TEST_F(CheckLogon, RefusesUnknownCompIDsAndVersions) {
  const std::string unknown = "no session has these BeginString(8), SenderCompID(49) and TargetCompID(56)";
  EXPECT_EQ(failure_of("35=A|34=1|49=GAMMA|56=GATE|98=0|108=30|"), unknown);
  EXPECT_EQ(failure_of("35=A|34=1|49=ALPHA|56=OTHER|98=0|108=30|"), unknown);
  EXPECT_EQ(failure_of("35=A|34=1|49=alpha|56=GATE|98=0|108=30|"), unknown);
  EXPECT_EQ(failure_of("35=A|34=1|56=GATE|98=0|108=30|"), unknown);
  EXPECT_EQ(failure_of(kLogon, "FIX.4.2"), unknown);
}

TEST_F(CheckLogon, RefusesHeartBtIntOutsideTheRange) {
  for (const char* heartbeat : {"4", "61", "0", "-5", "999999999", "99999999999999999999", "30.0", "", "x"}) {
    EXPECT_NE(failure_of(std::string("35=A|34=1|49=ALPHA|56=GATE|98=0|108=") + heartbeat + "|"), "") << heartbeat;
  }
  EXPECT_NE(failure_of("35=A|34=1|49=ALPHA|56=GATE|98=0|"), "");
}

TEST_F(CheckLogon, RefusesEncryptionAndOddNumbers) {
  EXPECT_EQ(failure_of("35=A|34=1|49=ALPHA|56=GATE|98=1|108=30|"), "EncryptMethod(98) must be 0");
  EXPECT_EQ(failure_of("35=A|34=1|49=ALPHA|56=GATE|108=30|"), "EncryptMethod(98) must be 0");
  for (const char* number : {"0", "-1", "2147483648", "abc", "1.5"}) {
    EXPECT_NE(failure_of(std::string("35=A|34=") + number + "|49=ALPHA|56=GATE|98=0|108=30|"), "") << number;
  }
  EXPECT_NE(failure_of("35=A|49=ALPHA|56=GATE|98=0|108=30|"), "");
}

TEST_F(CheckLogon, RefusesAFieldThatDecidesTwice) {
  for (const char* extra : {"49=BETA|", "49=ALPHA|", "554=x|554=y|", "108=30|", "98=0|", "141=N|141=Y|", "56=GATE|"}) {
    EXPECT_NE(failure_of(kLogon + extra), "") << extra;
  }
}

TEST_F(CheckLogon, RefusesAddressesOutsideAllowFrom) {
  from_ = address("10.0.0.1");
  EXPECT_EQ(failure_of(kLogon), "address 10.0.0.1 is not in allow_from");
}

TEST_F(CheckLogon, RefusesADisabledSession) {
  rules_[0].enabled = false;
  EXPECT_EQ(failure_of(kLogon), "the session is disabled or outside its schedule");
}

TEST_F(CheckLogon, BindsTheCertificateToTheSession) {
  rules_[0].certificate_name = "ALPHA";
  EXPECT_NE(failure_of(kLogon), "") << "no certificate at all";
  peer_.common_name = "BETA";
  EXPECT_NE(failure_of(kLogon), "");
  peer_.common_name = "ALPHA";
  EXPECT_EQ(failure_of(kLogon), "");
}

TEST_F(CheckLogon, AsksForUsernameAndPassword) {
  rules_[0].username = "alpha";
  rules_[0].password_hash = config::Secret("$argon2id$...");
  EXPECT_EQ(failure_of(kLogon), "Username(553) is wrong");
  EXPECT_EQ(failure_of(kLogon + "553=beta|554=x|"), "Username(553) is wrong");
  EXPECT_EQ(failure_of(kLogon + "553=alpha|"), "Password(554) is missing");
  const LogonVerdict verdict = check_logon(fix_message(kLogon + "553=alpha|554=secret|"), rules_, from_, peer_);
  EXPECT_TRUE(verdict.needs_password());
  EXPECT_EQ(verdict.password, "secret");
  EXPECT_EQ(failure_of(kLogon + "553=alpha|554=secret|925=new|"), "NewPassword(925) is not supported");
}

TEST_F(CheckLogon, RefusesTestMessagesWhereOrdersAreTraded) {
  EXPECT_EQ(failure_of(kLogon + "464=Y|"), "TestMessageIndicator(464)=Y, and this session trades");
  EXPECT_EQ(failure_of(kLogon + "464=N|464=Y|"), "field 464 stands twice in the Logon");
  EXPECT_EQ(failure_of(kLogon + "464=N|"), "");
}

TEST_F(CheckLogon, RefusesALogonOverTheScannersBounds) {
  std::string body = kLogon;
  for (int i = 0; i < 600; ++i) body += "58=x|";
  EXPECT_NE(failure_of(body), "");
  EXPECT_NE(failure_of(kLogon + "95=99999|96=x|"), "");
}

TEST(LogonRuleOf, BindsTheCompIDWhereClientsMustShowCertificates) {
  config::Client client;
  client.id = "alpha";
  client.comp_id = "ALPHA";
  client.version = config::FixVersion::kFix42;
  EXPECT_EQ(logon_rule(client, false).certificate_name, std::nullopt);
  EXPECT_EQ(logon_rule(client, true).certificate_name, "ALPHA");
  client.certificate_name = "alpha.example";
  EXPECT_EQ(logon_rule(client, true).certificate_name, "alpha.example");
  const LogonRule rule = logon_rule(client, false);
  EXPECT_EQ(rule.begin_string, "FIX.4.2");
  EXPECT_EQ(rule.min_heartbeat_s, 5);
  EXPECT_EQ(rule.max_heartbeat_s, 60);
  EXPECT_EQ(begin_string_of(config::FixVersion::kFix50Sp2), "FIXT.1.1");
}

TEST(Address, MatchesRanges) {
  EXPECT_TRUE(address("127.255.0.1").is_in(range({127, 0, 0, 0}, 8)));
  EXPECT_FALSE(address("128.0.0.1").is_in(range({127, 0, 0, 0}, 8)));
  EXPECT_TRUE(address("10.1.2.131").is_in(range({10, 1, 2, 128}, 25)));
  EXPECT_FALSE(address("10.1.2.127").is_in(range({10, 1, 2, 128}, 25)));
  EXPECT_TRUE(address("1.2.3.4").is_in(range({0, 0, 0, 0}, 0)));
  EXPECT_TRUE(address("1.2.3.4").is_in(range({1, 2, 3, 4}, 32)));
  EXPECT_FALSE(address("1.2.3.5").is_in(range({1, 2, 3, 4}, 32)));
  EXPECT_TRUE(address("::ffff:127.0.0.1").is_in(range({127, 0, 0, 0}, 8))) << "IPv4 over an IPv6 socket";
  EXPECT_FALSE(address("::1").is_in(range({0, 0, 0, 0}, 0)));
  config::AddressRange six;
  six.ipv6 = true;
  six.address[0] = 0xfd;
  six.prefix_bits = 7;
  EXPECT_TRUE(address("fc00::1").is_in(six));
  EXPECT_FALSE(address("fe80::1").is_in(six));
  EXPECT_TRUE(address("1.2.3.4").is_allowed({}));
  EXPECT_FALSE(IpAddress::parse("127.0.0").has_value());
}

TEST(Password, IsVerifiedByItsHashOnly) {
  const auto hash = hash_password("correct horse");
  ASSERT_TRUE(hash.ok());
  EXPECT_EQ(hash->substr(0, 31), "$argon2id$v=19$m=19456,t=2,p=1$");
  EXPECT_TRUE(verify_password(*hash, "correct horse"));
  EXPECT_FALSE(verify_password(*hash, "correct hors"));
  EXPECT_FALSE(verify_password(*hash, ""));
  EXPECT_FALSE(verify_password(*hash, std::string(kMaxPasswordBytes + 1, 'x')));
  EXPECT_NE(*hash, *hash_password("correct horse")) << "each hash has its own salt";
}

TEST(Password, RefusesWhatIsNoHashOrTooDear) {
  EXPECT_FALSE(hash_password("").ok());
  EXPECT_FALSE(hash_password(std::string(kMaxPasswordBytes + 1, 'x')).ok());
  EXPECT_FALSE(hash_password("a\x01"
                             "b")
                   .ok());
  EXPECT_FALSE(verify_password("secret", "secret"));
  EXPECT_FALSE(check_password_hash("").ok());
  EXPECT_FALSE(check_password_hash("$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA").ok());
  EXPECT_FALSE(check_password_hash("$argon2id$v=19$m=9999999,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA").ok());
  EXPECT_FALSE(check_password_hash("$argon2id$v=19$m=19456,t=2,p=1$").ok());
  EXPECT_TRUE(check_password_hash(*hash_password("x")).ok());
}

TEST(Lockout, LocksAfterTooManyFailuresAndForgetsThemLater) {
  LockoutSettings settings;
  settings.failures = 3;
  Lockout lockout(settings);
  const SteadyTime begin = SteadyTime::from_ns(1'000'000'000'000);
  EXPECT_FALSE(lockout.record_failure("a", begin));
  EXPECT_FALSE(lockout.record_failure("a", begin + Duration::seconds(1)));
  EXPECT_FALSE(lockout.is_locked("a", begin + Duration::seconds(1)));
  EXPECT_FALSE(lockout.record_failure("a", begin + Duration::seconds(61))) << "the first is outside the window";
  EXPECT_FALSE(lockout.record_failure("a", begin + Duration::seconds(62)));
  EXPECT_TRUE(lockout.record_failure("a", begin + Duration::seconds(63)));
  EXPECT_TRUE(lockout.is_locked("a", begin + Duration::seconds(122)));
  EXPECT_FALSE(lockout.is_locked("b", begin + Duration::seconds(63)));
  EXPECT_FALSE(lockout.is_locked("a", begin + Duration::seconds(123)));
}

TEST(Lockout, IsBoundedWhateverStrangersTry) {
  LockoutSettings settings;
  settings.max_keys = 100;
  Lockout lockout(settings);
  for (int i = 0; i < 10'000; ++i) lockout.record_failure(std::to_string(i), SteadyTime::from_ns(i));
  EXPECT_EQ(lockout.size(), 100U);
}

bool is_frame(const std::string& bytes) {
  fix::Framer framer;
  const auto step = framer.next(bytes);
  return step.found == fix::Framer::Found::kFrame && step.consumed == bytes.size();
}

TEST(Mask, HidesTheSecretsOfALogonAndKeepsItAFrame) {
  const std::string masked =
      mask_secrets(fix_message(kLogon + "95=9|96=top|5=1=x|553=alpha|554=hunter22|925=n|1401=3|1402=abc|"));
  EXPECT_EQ(masked, fix_message(kLogon + "95=3|96=***|553=alpha|554=***|925=***|1401=3|1402=***|"));
  EXPECT_TRUE(is_frame(masked));
}

TEST(Mask, HidesRawDataThatHoldsSoh) {
  const std::string masked = mask_secrets(fix_message(kLogon + "95=11|96=a|554=b|10=|58=x|"));
  EXPECT_EQ(masked, fix_message(kLogon + "95=3|96=***|58=x|"));
}

TEST(Mask, LeavesOtherMessagesAlone) {
  const std::string news = fix_message("35=B|34=5|95=3|96=abc|58=x|");
  EXPECT_EQ(mask_secrets(news), news);
  const std::string logon = fix_message(kLogon);
  EXPECT_EQ(mask_secrets(logon), logon);
  EXPECT_TRUE(may_hold_secrets("A"));
  EXPECT_FALSE(may_hold_secrets("D"));
}

TEST(Mask, HidesSecretsOfWhatIsNoFrame) {
  std::string broken = fix_message(kLogon + "554=hunter22|");
  broken.resize(broken.size() - 9);
  EXPECT_EQ(mask_secrets(broken).find("hunter"), std::string::npos);
  EXPECT_EQ(mask_secrets("554=hunter22").find("hunter"), std::string::npos);
  EXPECT_EQ(mask_secrets(""), "");
  EXPECT_EQ(mask_secrets("no fix"), "no fix");
}

}  // namespace
}  // namespace portcullis::session
