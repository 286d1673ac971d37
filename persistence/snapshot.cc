#include "persistence/snapshot.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "persistence/frame.h"

namespace portcullis::persistence {
namespace {

constexpr char kMagic[8] = {'P', 'O', 'R', 'T', 'C', 'S', 'N', 'P'};
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kHeaderBytes = 72;
constexpr std::size_t kHeaderChecksumAt = 64;
constexpr std::string_view kSuffix = ".snapshot";

std::string name_for(std::uint64_t index) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(index));
  return digits + std::string(kSuffix);
}

}  // namespace

// Newest first.
Result<std::vector<std::string>> SnapshotStore::names() {
  if (!files_.exists(directory_)) return std::vector<std::string>();
  auto all = files_.list(directory_);
  if (!all) return Error{all.error().what};
  std::vector<std::string> found;
  for (const std::string& name : *all) {
    if (name.size() == 16 + kSuffix.size() && name.ends_with(kSuffix)) found.push_back(name);
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

Status SnapshotStore::write(std::uint64_t journal_id, const Position& last, std::span<const std::byte> state) {
  if (state.size() > kMaxStateBytes) {
    return Error{"a snapshot of " + std::to_string(state.size()) + " bytes; at most 16 GiB are kept"};
  }
  if (auto made = files_.make_directory(directory_); !made) return Error{made.error().what};
  std::array<std::byte, kHeaderBytes> header{};
  std::memcpy(header.data(), kMagic, sizeof kMagic);
  store(header, 8, kFormatVersion);
  store(header, 12, content_version_);
  store(header, 16, journal_id);
  store(header, 24, last.index);
  store(header, 32, last.offset);
  store(header, 40, last.checksum);
  store(header, 48, static_cast<std::uint64_t>(state.size()));
  store(header, 56, checksum_of(state));
  store(header, kHeaderChecksumAt, checksum_of(std::span(header).first(kHeaderChecksumAt)));
  const std::array<std::span<const std::byte>, 2> parts{std::span<const std::byte>(header), state};
  if (auto replaced = replace_file(files_, directory_, name_for(last.index), parts); !replaced) {
    return Error{replaced.error().what};
  }
  auto kept = names();
  if (!kept) return kept.error();
  for (std::size_t i = kKept; i < kept->size(); ++i) {
    if (auto removed = files_.remove(directory_ + "/" + (*kept)[i]); !removed) return Error{removed.error().what};
  }
  return {};
}

Result<Snapshot> SnapshotStore::read(const std::string& path, std::uint64_t journal_id) {
  auto bytes = read_file(files_, path, kMaxStateBytes + kHeaderBytes);
  if (!bytes) return Error{bytes.error().what};
  const std::span<const std::byte> all(*bytes);
  if (all.size() < kHeaderBytes || std::memcmp(all.data(), kMagic, sizeof kMagic) != 0 ||
      load<std::uint64_t>(all, kHeaderChecksumAt) != checksum_of(all.first(kHeaderChecksumAt))) {
    return Error{path + ": the header does not check"};
  }
  const auto format = load<std::uint32_t>(all, 8);
  const auto content = load<std::uint32_t>(all, 12);
  if (format != kFormatVersion || content != content_version_) {
    return Error{path + ": written in format " + std::to_string(format) + ", content " + std::to_string(content) +
                 "; this version reads format " + std::to_string(kFormatVersion) + ", content " +
                 std::to_string(content_version_)};
  }
  if (load<std::uint64_t>(all, 16) != journal_id) return Error{path + ": belongs to another journal"};
  const auto state = all.subspan(kHeaderBytes);
  if (load<std::uint64_t>(all, 48) != state.size() || load<std::uint64_t>(all, 56) != checksum_of(state)) {
    return Error{path + ": the state does not check"};
  }
  Snapshot snapshot;
  snapshot.last = Position{load<std::uint64_t>(all, 24), load<std::uint64_t>(all, 32), load<std::uint64_t>(all, 40)};
  bytes->erase(bytes->begin(), bytes->begin() + kHeaderBytes);
  snapshot.state = std::move(*bytes);
  return snapshot;
}

Result<std::optional<Snapshot>> SnapshotStore::newest(std::uint64_t journal_id, std::uint64_t at_most,
                                                      std::vector<std::string>& passed_over) {
  auto found = names();
  if (!found) return found.error();
  for (const std::string& name : *found) {
    std::uint64_t index = 0;
    std::from_chars(name.data(), name.data() + 16, index, 16);
    if (index > at_most) {
      passed_over.push_back(directory_ + "/" + name + ": is newer than the journal that is read");
      continue;
    }
    auto snapshot = read(directory_ + "/" + name, journal_id);
    if (snapshot) return std::optional(std::move(*snapshot));
    passed_over.push_back(snapshot.error().what);
  }
  return std::optional<Snapshot>();
}

}  // namespace portcullis::persistence
