#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/byte_sink.h"
#include "base/byte_source.h"
#include "base/fixed_text.h"
#include "order/events.h"
#include "risk/archive.h"

// The bytes of the gateway's state in a snapshot, written and read by one description of the fields
// (gateway/snapshot.cc). Values stand as their own bytes, little-endian; a text is its length in one byte
// and its bytes; a list is its length in 64 bits and its elements. What is read is checked where a wrong
// value could lead outside of a table: truth values, kinds, and the numbers of other entries.

namespace portcullis::gateway {

class Saving {
 public:
  static constexpr bool kLoads = false;

  explicit Saving(ByteSink& out) : out_(out) {}

  template <risk::PlainBytes T>
  void operator()(const T& value) {
    out_.append(&value, sizeof value);
  }
  template <risk::PlainBytes T>
  void list(const std::vector<T>& values) {
    (*this)(std::uint64_t{values.size()});
    out_.append(std::as_bytes(std::span(values)));
  }
  template <std::size_t N>
  void operator()(const FixedText<N>& text) {
    (*this)(static_cast<std::uint8_t>(text.size()));
    out_.append(text.view().data(), text.size());
  }
  void bytes(const void* data, std::size_t size) { out_.append(data, size); }
  // An event, whose bytes are its value.
  template <order::EventPayload E>
  void plain(const E& event) {
    out_.append(&event, sizeof event);
  }
  template <typename E>
  void kind(const E& value, E /*last*/) {
    (*this)(value);
  }
  template <typename Id>
  void some(const Id& id, std::uint64_t /*count*/) {
    (*this)(id);
  }
  template <typename Id>
  void maybe(const Id& id, std::uint64_t /*count*/) {
    (*this)(id);
  }
  template <typename List>
  void list_of(const List& ids, std::uint64_t /*count*/) {
    (*this)(std::uint64_t{ids.size()});
    for (const auto& id : ids) (*this)(id);
  }
  void length(std::uint64_t size, std::size_t /*least*/) { (*this)(size); }
  // False once what was written could not be taken; the rest is in vain.
  bool ok() const { return out_.ok(); }

 private:
  ByteSink& out_;
};

// Reads no further than its input. After the first fault everything is left as it was made: nothing of the input is
// left then, so that a value costs one comparison and a copy of as many bytes as it has.
class Loading {
 public:
  static constexpr bool kLoads = true;

  // Takes from `in`, for good with finish().
  explicit Loading(ByteSource& in) : in_(in) { look(0); }
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;

  template <risk::PlainBytes T>
  void operator()(T& value) {
    take(value);
  }
  void operator()(bool& value) {
    std::uint8_t byte = 0;
    take(byte);
    if (byte > 1) [[unlikely]]
      return fail("holds a truth value that is neither");
    if (ok()) value = byte == 1;
  }
  // A length that the rest of the input cannot hold is a fault, not a reason to allocate.
  template <risk::PlainBytes T>
  void list(std::vector<T>& values) {
    std::uint64_t size = 0;
    take(size);
    if (size > left() / sizeof(T) || !near(size * sizeof(T))) return fail("ends early");
    values.resize(size);
    if (size != 0) std::memcpy(values.data(), at_, size * sizeof(T));
    at_ += size * sizeof(T);
  }
  template <std::size_t N>
  void operator()(FixedText<N>& text) {
    std::uint8_t size = 0;
    take(size);
    if (size > N) [[unlikely]]
      return fail("holds a text that is too long");
    if (!near(size)) [[unlikely]]
      return fail("ends early");
    if (ok()) text = FixedText<N>(std::string_view(reinterpret_cast<const char*>(at_), size));
    at_ += size;
  }
  void bytes(void* data, std::size_t size) {
    if (!near(size)) [[unlikely]]
      return fail("ends early");
    std::memcpy(data, at_, size);
    at_ += size;
  }
  template <order::EventPayload E>
  void plain(E& event) {
    take(event);
  }
  // An enumeration that counts from zero to `last`.
  template <typename E>
  void kind(E& value, E last) {
    E read{};
    take(read);
    if (read > last) [[unlikely]]
      return fail("holds a kind that this version does not know");
    if (ok()) value = read;
  }
  // The number of an entry of a table that has `count` of them; none is allowed with maybe alone.
  template <typename Id>
  void some(Id& id, std::uint64_t count) {
    take(id);
    if (id.value() >= count) [[unlikely]]
      fail("refers to an entry that it does not have");
  }
  template <typename Id>
  void maybe(Id& id, std::uint64_t count) {
    take(id);
    if (id.has_value() && id.value() >= count) [[unlikely]]
      fail("refers to an entry that it does not have");
  }
  template <typename List>
  void list_of(List& ids, std::uint64_t count) {
    std::uint64_t size = 0;
    take(size);
    ids.clear();
    for (std::uint64_t i = 0; i < size && ok(); ++i) {
      typename List::value_type id;
      some(id, count);
      if (ok()) ids.insert(ids.end(), id);
    }
  }

  // How many elements follow, of at least so many bytes each. As with a list's.
  void length(std::uint64_t& size, std::size_t least) {
    take(size);
    if (size > left() / least) fail("counts more than it has bytes for");
  }

  bool ok() const { return why_ == nullptr; }
  // Of the first fault; there is one.
  std::string why() const { return why_; }
  void fail(const char* why) {
    if (ok()) why_ = why;
    at_ = end_;
  }
  // How much has not been read yet; nothing after a fault.
  std::size_t left() const { return ok() ? in_.left() - static_cast<std::size_t>(at_ - begin_) : 0; }
  // What was read is taken from the source, whose next reader gets what follows.
  void finish() {
    in_.take(static_cast<std::size_t>(at_ - begin_));
    begin_ = at_;
  }

 private:
  template <typename T>
  void take(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (!near(sizeof value)) [[unlikely]]
      return fail("ends early");
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
  }
  // Whether so many bytes stand at at_.
  bool near(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) >= bytes) [[likely]]
      return true;
    return ok() && look(bytes);
  }
  bool look(std::size_t bytes) {
    finish();
    const std::span<const std::byte> ready = in_.ready(bytes);
    begin_ = at_ = ready.data();
    end_ = at_ + ready.size();
    return ready.size() >= bytes;
  }

  ByteSource& in_;
  // Of what is ready: what was not taken from the source yet, and what was not read.
  const std::byte* begin_ = nullptr;
  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  const char* why_ = nullptr;
};

}  // namespace portcullis::gateway
