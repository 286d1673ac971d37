#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/check.h"

// Bytes on their way in, the counterpart of ByteSink. They stand in memory as a whole, and may be looked at as far as
// they are ready: another thread may still read and check them. For one thread.

namespace portcullis {

class ByteSource {
 public:
  // All of it is ready. `all` outlives this.
  explicit ByteSource(std::span<const std::byte> all) : ByteSource(all, all.size()) {}
  virtual ~ByteSource() = default;
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // What is next, as far as it is ready: at least `wanted` bytes, for which this may wait, or fewer when there will
  // never be so many.
  std::span<const std::byte> ready(std::size_t wanted = 0) {
    wanted = std::min(wanted, left());
    if (ready_ - taken_ < wanted) ready_ = wait(taken_, taken_ + wanted);
    return all_.subspan(taken_, ready_ - taken_);
  }
  // So many of those are done with.
  void take(std::size_t bytes) {
    PORTCULLIS_CHECK(bytes <= ready_ - taken_, "only what is ready is taken");
    taken_ += bytes;
  }
  // How many there are that were not taken, ready or not.
  std::size_t left() const { return all_.size() - taken_; }

 protected:
  ByteSource(std::span<const std::byte> all, std::size_t ready) : all_(all), ready_(ready) {}

 private:
  // For who makes them ready: how many of all are, at least `wanted` of them where that is possible. The reader is done
  // with the first `taken`.
  virtual std::size_t wait(std::size_t /*taken*/, std::size_t /*wanted*/) { return ready_; }

  const std::span<const std::byte> all_;
  std::size_t taken_ = 0;
  std::size_t ready_ = 0;
};

}  // namespace portcullis
