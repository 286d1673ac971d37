#include "gateway/names.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/same_text.h"
namespace portcullis::gateway {

std::uint64_t hash_text(std::uint64_t scope, std::string_view text) {
  return XXH3_64bits_withSeed(text.data(), text.size(), scope + 1);
}

std::uint32_t NameTable::find(std::string_view name) const {
  std::uint32_t newest = kUnknown;
  index_.find(hash_text(0, name), [&](std::uint64_t i) {
    const bool same = same_text(entries_[i].name.view(), name);
    if (same && (newest == kUnknown || i > newest)) newest = static_cast<std::uint32_t>(i);
    return false;
  });
  return newest;
}

std::uint32_t NameTable::find(std::string_view name, std::uint32_t owner, std::uint8_t detail) const {
  const std::uint64_t value = index_.find(hash_text(0, name), [&](std::uint64_t i) {
    const Entry& entry = entries_[i];
    return same_text(entry.name.view(), name) && entry.owner == owner && entry.detail == detail;
  });
  return value == HashIndex::kNone ? kUnknown : static_cast<std::uint32_t>(value);
}

void NameTable::add(const order::NameAdded& event) {
  PORTCULLIS_CHECK(event.index == size(), "names are added in the order of their indices");
  entries_.push_back(Entry{event.name, event.owner, event.detail});
  index_.insert(hash_text(0, event.name.view()), event.index);
}

}  // namespace portcullis::gateway
