#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <vector>

// Bytes on their way out, in the order in which they are appended. They gather in a bounded buffer, which goes to
// whoever takes it (a file, a vector) each time that it is full; so what is written may be far larger than the memory
// that it needs, and a small value costs a comparison and a copy. For one thread.

namespace portcullis {

class ByteSink {
 public:
  // Small enough to stay in a processor's own cache until it was taken.
  static constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

  // Takes kPieceBytes, or, from flush(), what has gathered since. The bytes are gone when it returns. False: it could
  // not, and is asked for nothing more.
  using Take = std::function<bool(std::span<const std::byte>)>;

  explicit ByteSink(Take take);
  // Appends to `out`, which outlives this. All that was appended is there after flush().
  explicit ByteSink(std::vector<std::byte>& out);
  ByteSink(const ByteSink&) = delete;
  ByteSink& operator=(const ByteSink&) = delete;

  void append(const void* data, std::size_t size) {
    if (size > static_cast<std::size_t>(end_ - at_)) [[unlikely]]
      return append_in_pieces(static_cast<const std::byte*>(data), size);
    std::memcpy(at_, data, size);
    at_ += size;
  }
  void append(std::span<const std::byte> bytes) {
    if (!bytes.empty()) append(bytes.data(), bytes.size());
  }

  // Hands over what has gathered, once at the end; what ok() says then holds for all that was appended.
  bool flush();
  // False once a piece could not be taken: what is appended from then on is dropped, so who has much may stop.
  bool ok() const { return ok_; }

 private:
  void append_in_pieces(const std::byte* bytes, std::size_t size);
  void hand_over();

  const Take take_;
  const std::unique_ptr<std::byte[]> piece_;
  std::byte* at_;
  std::byte* const end_;
  bool ok_ = true;
};

}  // namespace portcullis
