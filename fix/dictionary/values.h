#pragma once

#include <string_view>

#include "base/short_digits.h"

// Values of a type as QuickFIX accepts them, for the judge's own files. They are not empty.

namespace portcullis::fix {

inline bool is_digit(char c) {
  return static_cast<unsigned char>(c - '0') <= 9;
}

// QuickFIX computes in 32 bits, so only what fits there is certain.
inline bool is_integer(std::string_view text) {
  const std::size_t sign = text[0] == '-' ? 1 : 0;
  const std::size_t size = text.size() - sign;
  if (size < 1 || size > 9) return false;
  if (size <= short_digits::kMost) {
    return short_digits::values_of(short_digits::load(text.substr(sign)), size).is_bad == 0;
  }
  for (const char c : text.substr(sign)) {
    if (!is_digit(c)) return false;
  }
  return true;
}

// Digits on both sides of a point, if there is one; no exponent, no plus sign.
inline bool is_decimal(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (*at == '-') ++at;
  if (end - at > 24) return false;
  if (const auto size = static_cast<std::size_t>(end - at); size > 0 && size <= short_digits::kMost) {
    return short_digits::packed_decimal({at, size}) != 0;
  }
  const char* const whole = at;
  while (at < end && is_digit(*at)) ++at;
  if (at == whole) return false;
  if (at == end) return true;
  if (*at != '.') return false;
  const char* const decimals = ++at;
  while (at < end && is_digit(*at)) ++at;
  return at == end && at > decimals;
}

}  // namespace portcullis::fix
