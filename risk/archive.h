#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

#include "base/byte_sink.h"

// The bytes of a snapshot, written and read by one description of the fields:
//
//   template <typename Self, typename Archive>
//   static void archive(Self& self, Archive& ar) { ar(self.count_); ar.list(self.cells_); }
//
// Values without padding are their own bytes, little-endian; a list is its length in 64 bits and its
// elements. What follows from the configuration is left out: configure() puts it back.

namespace portcullis::risk {

template <typename T>
concept PlainBytes = std::is_trivially_copyable_v<T> && std::has_unique_object_representations_v<T>;

class SaveArchive {
 public:
  static constexpr bool kLoads = false;

  explicit SaveArchive(ByteSink& out) : out_(out) {}

  template <PlainBytes T>
  void operator()(const T& value) {
    out_.append(&value, sizeof value);
  }
  template <PlainBytes T>
  void list(const std::vector<T>& values) {
    (*this)(std::uint64_t{values.size()});
    out_.append(std::as_bytes(std::span(values)));
  }
  // Elements that describe themselves.
  template <typename T>
  void each(const std::vector<T>& values) {
    (*this)(std::uint64_t{values.size()});
    for (const T& value : values) T::archive(value, *this);
  }

 private:
  ByteSink& out_;
};

// Reads no further than its input; what comes after a fault is left as it was made.
class LoadArchive {
 public:
  static constexpr bool kLoads = true;

  explicit LoadArchive(std::span<const std::byte> in) : in_(in) {}

  template <PlainBytes T>
  void operator()(T& value) {
    if (!ok_ || in_.size() < sizeof value) {
      ok_ = false;
      return;
    }
    if constexpr (std::is_same_v<T, bool>) {
      if (in_.front() > std::byte{1}) {
        ok_ = false;
        return;
      }
    }
    std::memcpy(&value, in_.data(), sizeof value);
    in_ = in_.subspan(sizeof value);
  }
  template <PlainBytes T>
  void list(std::vector<T>& values) {
    resize(values, sizeof(T));
    for (T& value : values) (*this)(value);
  }
  template <typename T>
  void each(std::vector<T>& values) {
    resize(values, 1);
    for (T& value : values) T::archive(value, *this);
  }

  bool ok() const { return ok_; }
  // What was read cannot be: nothing more is.
  void fail() { ok_ = false; }
  std::size_t left() const { return in_.size(); }

 private:
  // A length that the rest of the input cannot hold is a fault, not a reason to allocate.
  template <typename T>
  void resize(std::vector<T>& values, std::size_t least_bytes) {
    std::uint64_t size = 0;
    (*this)(size);
    if (!ok_ || size > in_.size() / least_bytes) {
      ok_ = false;
      return;
    }
    // Not assign(size, T()): under the address sanitizer GCC 12 aligns no temporary to 64 bytes (its bug 110027).
    values.clear();
    values.resize(size);
  }

  std::span<const std::byte> in_;
  bool ok_ = true;
};

}  // namespace portcullis::risk
