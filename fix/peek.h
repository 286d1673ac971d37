#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "fix/frame.h"

// A glance at messages that have been received and whose turn has not come, for who wants to have ready what they will
// ask for. Nothing is checked but bounds: what is found is a guess, and must decide nothing.

namespace portcullis::fix {

// How long the message at the front is by its BodyLength(9), its CheckSum(10) included: between one and all of the
// unread bytes. Zero when it is not all there or does not begin as nearly all messages do.
std::size_t likely_size(std::string_view unread);

// One field of the messages of one sender. Who sends a message mostly sends the same fields again, as long as they
// were: it is looked for where it stood in the one before.
class Peek {
 public:
  // How the field begins, with the SOH before it: "\x01" "11=".
  explicit constexpr Peek(const char (&beginning)[5])
      : beginning_{beginning[0], beginning[1], beginning[2], beginning[3]} {}

  // The field's value, at most kLongest bytes of it; empty when it is not among the message's first kSearched bytes.
  std::string_view in(std::string_view message) {
    if (at_ + sizeof beginning_ > message.size() ||
        std::memcmp(message.data() + at_, beginning_, sizeof beginning_) != 0) [[unlikely]] {
      if (!search(message)) return {};
    }
    const char* const value = message.data() + at_ + sizeof beginning_;
    const std::size_t room = std::min(kLongest, message.size() - at_ - sizeof beginning_);
    const void* const soh = room == 0 ? nullptr : std::memchr(value, '\x01', room);
    return {value, soh == nullptr ? room : static_cast<std::size_t>(static_cast<const char*>(soh) - value)};
  }

 private:
  // Finds where it stands now.
  bool search(std::string_view message);

  static constexpr std::size_t kLongest = 64;
  static constexpr std::size_t kSearched = 512;

  char beginning_[4];
  std::uint32_t at_ = 0;
};

}  // namespace portcullis::fix
