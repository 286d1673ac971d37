#pragma once

#include <string>
#include <utility>
#include <vector>

// An application message as the simulated counterparties see it: a MsgType and flat fields, in text.
// This header must also compile as C++14: it is the language of the fence around QuickFIX (sim/quickfix/).

namespace portcullis {
namespace sim {

// MsgSeqNum(34), PossDupFlag(43) and PossResend(97) are lifted out of the header; `fields` holds the body
// only. A repeated tag keeps its first value under get().
struct Message {
  std::string msg_type;  // MsgType(35)
  std::vector<std::pair<int, std::string>> fields;
  long seq = 0;  // MsgSeqNum(34); 0 before the message was sent
  bool poss_dup = false;
  bool poss_resend = false;

  Message() = default;
  explicit Message(std::string type) : msg_type(std::move(type)) {}

  bool has(int tag) const {
    for (const auto& field : fields) {
      if (field.first == tag) return true;
    }
    return false;
  }
  // The value, or empty text when the tag is absent (FIX allows no empty value).
  const std::string& get(int tag) const {
    static const std::string kEmpty;
    for (const auto& field : fields) {
      if (field.first == tag) return field.second;
    }
    return kEmpty;
  }
  // Replaces the first value of the tag, or appends it.
  Message& set(int tag, std::string value) {
    for (auto& field : fields) {
      if (field.first == tag) {
        field.second = std::move(value);
        return *this;
      }
    }
    fields.emplace_back(tag, std::move(value));
    return *this;
  }
};

}  // namespace sim
}  // namespace portcullis
