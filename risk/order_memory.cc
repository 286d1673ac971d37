#include "risk/order_memory.h"

#include <algorithm>
#include <limits>

namespace portcullis::risk {

std::uint64_t OrderMemory::bucket_of(const Likeness& order) {
  std::uint64_t hash = 0x9e3779b97f4a7c15;
  const auto mix = [&hash](std::uint64_t word) {
    hash ^= word;
    hash *= 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  };
  mix(std::uint64_t{order.owner} << 32 | order.instrument);
  mix(static_cast<std::uint64_t>(order.quantity.raw()));
  mix(static_cast<std::uint64_t>(order.price.raw()));
  mix(static_cast<std::uint64_t>(order.side) << 24 | static_cast<std::uint64_t>(order.dealt) << 16 |
      static_cast<std::uint64_t>(order.ord_type) << 8 | static_cast<std::uint64_t>(order.scope));
  return hash % kBuckets;
}

std::uint64_t OrderMemory::remember(const Likeness& order, UtcTime time) {
  if (buckets_.empty()) {
    buckets_.resize(kBuckets);
    entries_.reserve(kCapacity);  // addresses only; the pages come as orders do
  }
  Bucket& bucket = buckets_[bucket_of(order)];
  const Entry entry{order, time, bucket.newest};
  if (entries_.size() < kCapacity) {
    entries_.push_back(entry);
  } else {
    entries_[next_ % kCapacity] = entry;
  }
  bucket.newest = next_;
  bucket.time = time;
  return next_++;
}

std::int64_t OrderMemory::count(const Likeness& order, UtcTime now, Duration window, std::int64_t enough) const {
  if (buckets_.empty()) return 0;
  const Bucket& bucket = buckets_[bucket_of(order)];
  if (now - bucket.time >= window) return 0;
  std::int64_t found = 0;
  for (std::uint64_t place = bucket.newest; found < enough && holds(place); place = at(place).previous) {
    const Entry& entry = at(place);
    if (now - entry.time >= window) break;
    if (entry.order == order) ++found;
  }
  return found;
}

std::int64_t OrderMemory::alike_at(std::uint64_t place, UtcTime now, Duration window) const {
  if (!holds(place)) return 0;
  return count(at(place).order, now, window, std::numeric_limits<std::int64_t>::max());
}

void OrderMemory::archive_to(SaveArchive& ar) const {
  const std::uint64_t held = entries_.size();
  std::uint64_t first = next_ - held;
  if (held != 0) {
    const UtcTime newest = at(next_ - 1).time;
    while (first < next_ && newest - at(first).time > kLongestWindow) ++first;
  }
  ar(next_);
  ar(std::uint64_t{next_ - first});
  for (std::uint64_t place = first; place < next_; ++place) {
    const Entry& entry = at(place);
    ar(entry.order);
    ar(entry.time);
  }
}

void OrderMemory::archive_from(LoadArchive& ar) {
  std::uint64_t next = 0;
  std::uint64_t held = 0;
  ar(next);
  ar(held);
  if (held > kCapacity || held > next) return ar.fail();
  *this = OrderMemory();
  if (next == 0) return;
  // Places go on where they were; what a snapshot leaves out is too old for any window.
  next_ = next - held;
  buckets_.resize(kBuckets);
  entries_.reserve(kCapacity);
  entries_.resize(std::min(next_, kCapacity));
  for (std::uint64_t i = 0; i < held && ar.ok(); ++i) {
    Likeness order;
    UtcTime time;
    ar(order);
    ar(time);
    if (ar.ok()) remember(order, time);
  }
}

}  // namespace portcullis::risk
