#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "gateway/snapshot.h"
#include "tests/gateway/random_flow.h"

// A snapshot's state stands under checksums, and may still come from a disk that lies or from someone's hand. Whatever it
// says: it is read within its bounds or refused, and takes no memory but for what it has bytes for. What was read leads
// nowhere outside, so that it can be written again, and is then what it was.

namespace {

using namespace portcullis;

void check(bool holds) {
  if (!holds) std::abort();
}

// Of a gateway that has met much of what there is.
const std::vector<std::byte>& some_state() {
  static const std::vector<std::byte> kBytes = [] {
    gateway::testing::Gateway made;
    gateway::testing::RandomFlow flow(9);
    for (int i = 0; i < 120; ++i) flow.next(made)(made);
    std::vector<std::byte> bytes;
    gateway::save(made.state(), bytes);
    return bytes;
  }();
  return kBytes;
}

void load_and_save(std::span<const std::byte> bytes) {
  gateway::State state;
  std::span<const std::byte> rest = bytes;
  if (!gateway::load(rest, state).ok()) return;
  check(rest.size() <= bytes.size());
  std::vector<std::byte> once;
  gateway::save(state, once);
  gateway::State again;
  rest = once;
  check(gateway::load(rest, again).ok() && rest.empty());
  std::vector<std::byte> twice;
  gateway::save(again, twice);
  check(once == twice);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  load_and_save(bytes);

  // Behind a right beginning.
  std::vector<std::byte> changed(sizeof gateway::kStateVersion);
  std::memcpy(changed.data(), &gateway::kStateVersion, changed.size());
  changed.insert(changed.end(), bytes.begin(), bytes.end());
  load_and_save(changed);

  // As changes of a state that is whole: where, how many bytes, which ones; and then it may be cut.
  changed = some_state();
  std::size_t at = 0;
  while (size - at >= 4) {
    std::uint16_t part = 0;
    std::memcpy(&part, data + at, sizeof part);
    const std::size_t where = (std::size_t{part} << 8 | data[at + 2]) % changed.size();
    const std::size_t count = std::min({std::size_t{1} + data[at + 3] % 8, size - at - 4, changed.size() - where});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at + 4), count,
                changed.begin() + static_cast<std::ptrdiff_t>(where));
    at += 4 + count;
  }
  if (at < size && data[at] % 4 == 0) changed.resize(changed.size() * data[at] / 256);
  load_and_save(changed);
  return 0;
}
