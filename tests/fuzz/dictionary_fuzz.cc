#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fix/dictionary.h"

// Any text: the compiler gives a dictionary or an error that says something.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto dictionary = portcullis::fix::Dictionary::compile(text);
  if (!dictionary.ok() && dictionary.error().what.empty()) __builtin_trap();
  return 0;
}
