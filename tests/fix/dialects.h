#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "fix/dialect.h"
#include "fix/dictionary.h"
#include "fix/dictionary/embedded.h"
#include "tests/fix/messages.h"

namespace portcullis::fix {

inline const Dictionary& dictionary_of(FixVersion version) {
  static const Dictionary k42 = std::move(Dictionary::compile(embedded_dictionary("FIX42.xml"))).value();
  static const Dictionary k44 = std::move(Dictionary::compile(embedded_dictionary("FIX44.xml"))).value();
  return version == FixVersion::kFix42 ? k42 : k44;
}

inline DialectSettings settings_of(FixVersion version) {
  DialectSettings settings;
  settings.version = version;
  settings.our_comp_id = "PORTCULLIS";
  settings.their_comp_id = "PEER";
  return settings;
}

inline Dialect dialect_of(const DialectSettings& settings) {
  static RenderPlans plans;
  Result<Dialect> dialect = Dialect::make(settings, dictionary_of(settings.version), plans);
  EXPECT_TRUE(dialect.ok()) << (dialect.ok() ? "" : dialect.error().what);
  return std::move(dialect).value();
}

inline Dialect dialect_of(FixVersion version) {
  return dialect_of(settings_of(version));
}

// A frame that is scanned and kept together.
class Parsed {
 public:
  explicit Parsed(std::string frame) : frame_(std::move(frame)), message_(std::make_unique<ScannedMessage>()) {
    const ScanFault fault = scan(frame_, *message_);
    EXPECT_FALSE(fault) << fault.text << ": " << readable(frame_);
  }
  const ScannedMessage& operator*() const { return *message_; }
  const ScannedMessage* operator->() const { return message_.get(); }
  std::string text() const { return readable(frame_); }

 private:
  std::string frame_;
  std::unique_ptr<ScannedMessage> message_;
};

inline Parsed parsed(FixVersion version, std::string_view body) {
  return Parsed(framed(version == FixVersion::kFix42 ? "FIX.4.2" : "FIX.4.4", body));
}

// The header of a message from a counterparty, to begin a body with.
inline std::string head(std::string_view msg_type) {
  return "35=" + std::string(msg_type) + "|49=PEER|56=PORTCULLIS|34=7|52=20261122-12:00:00.123|";
}

}  // namespace portcullis::fix
