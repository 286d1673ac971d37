#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "fix/frame.h"

namespace portcullis::fix {

// "|" stands for SOH.
inline std::string soh(std::string_view readable) {
  std::string bytes(readable);
  std::replace(bytes.begin(), bytes.end(), '|', kSoh);
  return bytes;
}

inline std::string readable(std::string_view bytes) {
  std::string text(bytes);
  std::replace(text.begin(), text.end(), kSoh, '|');
  return text;
}

// A whole frame around a body that begins with 35=; BodyLength(9) and CheckSum(10) are right.
inline std::string framed(std::string_view begin_string, std::string_view body) {
  const std::string bytes = soh(body);
  std::string frame = soh("8=" + std::string(begin_string) + "|9=" + std::to_string(bytes.size()) + "|") + bytes;
  const unsigned sum = checksum(frame);
  frame += "10=";
  frame += static_cast<char>('0' + sum / 100);
  frame += static_cast<char>('0' + sum / 10 % 10);
  frame += static_cast<char>('0' + sum % 10);
  frame += kSoh;
  return frame;
}

}  // namespace portcullis::fix
