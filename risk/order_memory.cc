#include "risk/order_memory.h"

#include <algorithm>
#include <limits>

namespace portcullis::risk {

std::uint64_t OrderMemory::remember(const Likeness& order, UtcTime time) {
  if (slots_.empty()) slots_ = PageArray<Slot>(kSlots);
  if (size() == kCapacity) {
    forget(next_ - kCapacity);
    __builtin_prefetch(&slots_[hash_of(at(next_ - kCapacity + kForgottenSoon).order) & kMask], 1);
  }
  const std::uint32_t hash = hash_of(order);
  Slot& slot = slots_[find(hash, order)];
  Entry entry;
  entry.order = order;
  entry.time = time;
  if (slot.hash != 0) {
    const std::uint64_t before = place_of(slot);
    Entry& previous = at(before);
    entry.time = std::max(time, previous.time);
    // It is above the longest window where it does not fit.
    constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
    entry.previous_age = static_cast<std::uint32_t>(std::min((entry.time - previous.time).ns() / 1'000, kMost));
    entry.ordinal = previous.ordinal + 1;
    // Over two jumps of the same length at once, or else to the one before.
    std::uint64_t jump = before;
    if (holds_behind(before, previous.jump)) {
      const std::uint64_t middle = before - previous.jump;
      const Entry& jumped = at(middle);
      if (holds_behind(middle, jumped.jump) &&
          previous.ordinal - jumped.ordinal == jumped.ordinal - at(middle - jumped.jump).ordinal) {
        jump = middle - jumped.jump;
      }
    }
    // All of them are held, so none is further back than kCapacity.
    entry.previous = static_cast<std::uint32_t>(next_ - before);
    entry.jump = static_cast<std::uint32_t>(next_ - jump);
    if (holds(before - previous.oldest)) entry.oldest = entry.previous + previous.oldest;
    previous.next = entry.previous;
  }
  slot = Slot{hash, static_cast<std::uint32_t>(next_)};
  PageArray<Entry>& block = blocks_[next_ / kBlock % kBlocks];
  if (block.empty()) [[unlikely]]
    block = PageArray<Entry>(kBlock);
  block[next_ % kBlock] = entry;
  return next_++;
}

// Unless there is a newer one alike, whose slot it is.
void OrderMemory::forget(std::uint64_t place) {
  const std::uint32_t hash = hash_of(at(place).order);
  for (std::uint32_t i = hash & kMask; slots_[i].hash != 0; i = (i + 1) & kMask) {
    if (slots_[i].hash == hash && place_of(slots_[i]) == place) return free(i);
  }
}

// Those behind it that would not be found across the gap move up.
void OrderMemory::free(std::uint32_t slot) {
  std::uint32_t gap = slot;
  for (std::uint32_t i = (slot + 1) & kMask; slots_[i].hash != 0; i = (i + 1) & kMask) {
    const std::uint32_t away = (i - slots_[i].hash) & kMask;  // from where its hash would have it
    if (away < ((i - gap) & kMask)) continue;
    slots_[gap] = slots_[i];
    gap = i;
  }
  slots_[gap] = Slot();
}

std::int64_t OrderMemory::count(std::uint64_t newest, UtcTime now, Duration window) const {
  if (!holds(newest) || now - at(newest).time >= window) return 0;
  return std::int64_t{at(newest).ordinal - at(oldest(newest, now, window)).ordinal} + 1;
}

std::uint64_t OrderMemory::oldest(std::uint64_t newest, UtcTime now, Duration window) const {
  std::uint64_t found = newest - at(newest).oldest;
  // Another window's end may have younger ones before it, and so has any end once the clock has gone back.
  bool is_young = false;
  if (holds(found) && !previous_may_be_young(at(found), found, now, window)) {
    for (int passed = 0; passed <= kFewPassed; ++passed) {
      is_young = now - at(found).time < window;
      if (is_young) break;
      found += at(found).next;  // the newest is young, so there is one
    }
  }
  if (!is_young) found = sought_by_jumps(newest, now, window);
  at(newest).oldest = static_cast<std::uint32_t>(newest - found);
  return found;
}

std::uint64_t OrderMemory::sought_by_jumps(std::uint64_t newest, UtcTime now, Duration window) const {
  const auto is_young = [&](std::uint64_t place) { return now - at(place).time < window; };
  std::uint64_t oldest = newest;
  while (true) {
    const Entry& entry = at(oldest);
    if (!previous_may_be_young(entry, oldest, now, window)) return oldest;
    const std::uint64_t previous = oldest - entry.previous;
    // Whichever is taken, neither waits for the other.
    __builtin_prefetch(&at(previous));
    if (entry.jump != entry.previous && holds_behind(oldest, entry.jump) && is_young(oldest - entry.jump)) {
      oldest -= entry.jump;
    } else if (is_young(previous)) {
      oldest = previous;
    } else {
      return oldest;
    }
  }
}

std::int64_t OrderMemory::alike_at(std::uint64_t place, UtcTime now, Duration window) const {
  return holds(place) ? count(newest(at(place).order), now, window) : 0;
}

void OrderMemory::archive_to(SaveArchive& ar) const {
  const std::uint64_t held = size();
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
  slots_ = PageArray<Slot>(kSlots);
  for (std::uint64_t first = 0; first < size(); first += kBlock) blocks_[first / kBlock] = PageArray<Entry>(kBlock);
  for (std::uint64_t i = 0; i < held && ar.ok(); ++i) {
    Likeness order;
    UtcTime time;
    ar(order);
    ar(time);
    if (ar.ok()) remember(order, time);
  }
}

}  // namespace portcullis::risk
