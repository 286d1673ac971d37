#pragma once

#include <cstdio>
#include <string>
#include <string_view>

// Frames for tests, written as people read them: '|' for SOH; BeginString, BodyLength and CheckSum
// are added. The scripts of a conversation stay readable, and every byte is still real.

namespace portcullis::session::test {

inline std::string with_soh(std::string_view text) {
  std::string bytes(text);
  for (char& c : bytes) {
    if (c == '|') c = '\x01';
  }
  return bytes;
}

inline std::string readable(std::string_view bytes) {
  std::string text(bytes);
  for (char& c : text) {
    if (c == '\x01') c = '|';
  }
  return text;
}

// body: "35=D|34=2|...|" without 8, 9 and 10.
inline std::string frame(std::string_view body, std::string_view begin_string = "FIX.4.4") {
  const std::string inner = with_soh(body);
  std::string bytes = "8=" + std::string(begin_string) + "\x01" + "9=" + std::to_string(inner.size()) + "\x01" + inner;
  unsigned sum = 0;
  for (const char c : bytes) sum += static_cast<unsigned char>(c);
  char trailer[16];
  std::snprintf(trailer, sizeof trailer, "10=%03u\x01", sum % 256);
  return bytes + trailer;
}

// The value of the first field with this tag, or "" when absent.
inline std::string value_of(std::string_view bytes, int tag) {
  const std::string key = "\x01" + std::to_string(tag) + "=";
  const std::string all = "\x01" + std::string(bytes);
  const std::size_t at = all.find(key);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + key.size();
  return all.substr(begin, all.find('\x01', begin) - begin);
}

}  // namespace portcullis::session::test
