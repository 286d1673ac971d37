// Any text as a configuration: an answer, never an exception or a fault without place and expectation.
// What loads must come back from core_text() as it was. An input is read twice: as a text, and as a list
// of edits to the reference configuration, which comes far deeper into the loader.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "config/loader/loader.h"

namespace {

using namespace portcullis::config;

const std::string& reference() {
  static const std::string kText = [] {
    std::ifstream stream(PORTCULLIS_SOURCE_DIR "/config/gateway.yaml", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }();
  return kText;
}

// Three bytes of position, one that says replace, insert or erase and how many bytes, and those bytes.
std::string edited(std::string_view edits) {
  std::string text = reference();
  for (int count = 0; count < 8 && edits.size() >= 4; ++count) {
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(edits[i])); };
    const std::size_t at = ((byte(0) << 16) | (byte(1) << 8) | byte(2)) % (text.size() + 1);
    const std::size_t operation = byte(3) % 3;
    const std::size_t length = std::min(byte(3) / 3 % 12, edits.size() - 4);
    const std::string_view piece = edits.substr(4, length);
    if (operation == 0) text.replace(at, length, piece);
    if (operation == 1) text.insert(at, piece);
    if (operation == 2) text.erase(at, length);
    edits.remove_prefix(4 + (operation == 2 ? 0 : length));
  }
  return text;
}

void check(const portcullis::Result<Loaded, LoadFailure>& result) {
  if (!result.ok()) {
    if (result.error().faults.empty()) std::abort();
    for (const Fault& fault : result.error().faults) {
      if (fault.line < 1 || fault.column < 1 || fault.what.empty() || fault.expected.empty()) std::abort();
    }
    return;
  }
  const auto again = load_core_text(core_text(result->config));
  if (!again.ok() || !(again->config == core_part(result->config))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  LoadOptions options;
  options.environment = [](const std::string& name) { return "token-of-" + name; };
  options.check_files = false;
  check(load_text(text, options));
  check(load_text(edited(text), options));
  return 0;
}
