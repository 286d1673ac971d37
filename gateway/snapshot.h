#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_sink.h"
#include "base/byte_source.h"
#include "base/result.h"
#include "gateway/state.h"

// The state as bytes, and back. A snapshot holds all that events have made (gateway/apply.h) and nothing of
// this start's configuration: a state that was loaded is where one folded from the journal would be, before
// kStart and kConfigure. Whoever loads checks the whole with risk::Engine::verify().

namespace portcullis::gateway {

// The encoding's own version; a changed one is a new number, never an edit. A change of what the state holds
// is a change of the encoding.
inline constexpr std::uint32_t kStateVersion = 8;

// Appends to `out`. Equal states give equal bytes. A sink that takes no more is noticed, and little is written to it.
void save(const State& state, ByteSink& out);
inline void save(const State& state, std::vector<std::byte>& out) {
  ByteSink sink(out);
  save(state, sink);
  sink.flush();
}

// Into a new State; takes its bytes from `in`, or off its front. Reads nothing outside of them, whatever they hold;
// the error says what is wrong with them, and the state is of no use then.
Status load(ByteSource& in, State& state);
inline Status load(std::span<const std::byte>& in, State& state) {
  ByteSource source(in);
  const Status loaded = load(source, state);
  in = in.last(source.left());
  return loaded;
}

}  // namespace portcullis::gateway
