#include "base/byte_sink.h"

#include <algorithm>
#include <utility>

namespace portcullis {

ByteSink::ByteSink(Take take)
    : take_(std::move(take)),
      piece_(std::make_unique_for_overwrite<std::byte[]>(kPieceBytes)),
      at_(piece_.get()),
      end_(at_ + kPieceBytes) {}

ByteSink::ByteSink(std::vector<std::byte>& out)
    : ByteSink([&out](std::span<const std::byte> piece) {
        out.insert(out.end(), piece.begin(), piece.end());
        return true;
      }) {}

bool ByteSink::flush() {
  if (at_ != piece_.get()) hand_over();
  return ok_;
}

void ByteSink::append_in_pieces(const std::byte* bytes, std::size_t size) {
  while (true) {
    const std::size_t fits = std::min(size, static_cast<std::size_t>(end_ - at_));
    std::memcpy(at_, bytes, fits);
    at_ += fits;
    size -= fits;
    if (size == 0) return;
    bytes += fits;
    hand_over();
  }
}

void ByteSink::hand_over() {
  const std::span<const std::byte> gathered(piece_.get(), at_);
  if (ok_) ok_ = take_(gathered);
  at_ = piece_.get();
}

}  // namespace portcullis
