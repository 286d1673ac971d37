#include "persistence/snapshot.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include "base/check.h"
#include "persistence/background.h"
#include "persistence/checked_state.h"
#include "persistence/frame.h"
#include "persistence/replacement.h"

namespace portcullis::persistence {
namespace {

constexpr char kMagic[8] = {'P', 'O', 'R', 'T', 'C', 'S', 'N', 'P'};
constexpr std::uint32_t kFormatVersion = 2;
constexpr std::size_t kHeaderBytes = 72;
constexpr std::size_t kHeaderChecksumAt = 64;
constexpr std::string_view kSuffix = ".snapshot";

std::string name_for(std::uint64_t index) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(index));
  return digits + std::string(kSuffix);
}

// The sink's pieces are the file's blocks: each of them full but the last.
static_assert(kSnapshotBlockBytes == ByteSink::kPieceBytes && kHeaderBytes < kSnapshotBlockBytes);

std::uint64_t checksums_size(std::uint64_t state_bytes) {
  return (kHeaderBytes + state_bytes + kSnapshotBlockBytes - 1) / kSnapshotBlockBytes * sizeof(std::uint64_t);
}

bool header_checks(std::span<const std::byte, kHeaderBytes> header) {
  return std::memcmp(header.data(), kMagic, sizeof kMagic) == 0 &&
         load<std::uint64_t>(header, kHeaderChecksumAt) == checksum_of(header.first(kHeaderChecksumAt));
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

Result<std::uint64_t> SnapshotStore::write(std::uint64_t journal_id, const Position& last, const Encode& encode) {
  if (auto made = files_.make_directory(directory_); !made) return Error{made.error().what};
  auto file = Replacement::begin(files_, directory_, name_for(last.index));
  if (!file) return Error{file.error().what};

  // The header holds the size and the checksum, so its place is kept and filled at the end.
  std::array<std::byte, kHeaderBytes> header{};
  std::vector<std::uint64_t> checksums;
  std::uint64_t written = 0;
  std::optional<Error> fault;
  ByteSink out([&](std::span<const std::byte> piece) {
    if (piece.size() > kHeaderBytes + max_state_bytes_ - written) {
      fault =
          Error{"the state has more than " + std::to_string(max_state_bytes_) + " bytes; no larger snapshot is kept"};
      return false;
    }
    if (const auto appended = file->append(piece); !appended) {
      fault = Error{appended.error().what};
      return false;
    }
    checksums.push_back(checksum_of(written == 0 ? piece.subspan(kHeaderBytes) : piece));
    written += piece.size();
    end_turn();
    return true;
  });
  out.append(header);
  encode(out);
  if (!out.flush()) return *fault;

  const std::uint64_t state_bytes = written - kHeaderBytes;
  const auto table = std::as_bytes(std::span(checksums));
  if (const auto appended = file->append(table); !appended) return Error{appended.error().what};
  std::memcpy(header.data(), kMagic, sizeof kMagic);
  store(header, 8, kFormatVersion);
  store(header, 12, content_version_);
  store(header, 16, journal_id);
  store(header, 24, last.index);
  store(header, 32, last.offset);
  store(header, 40, last.checksum);
  store(header, 48, state_bytes);
  store(header, 56, checksum_of(table));
  store(header, kHeaderChecksumAt, checksum_of(std::span(header).first(kHeaderChecksumAt)));
  if (auto stored = file->write_at(0, header); !stored) return Error{stored.error().what};
  if (auto committed = file->commit(); !committed) return Error{committed.error().what};
  auto kept = names();
  if (!kept) return kept.error();
  for (std::size_t i = kKept; i < kept->size(); ++i) {
    if (auto removed = files_.remove(directory_ + "/" + (*kept)[i]); !removed) return Error{removed.error().what};
  }
  return state_bytes;
}

Result<Position> SnapshotStore::offer(const std::string& path, std::uint64_t journal_id, const Take& take) {
  auto file = files_.open(path, OpenMode::kRead);
  if (!file) return Error{file.error().what};
  auto size = (*file)->size();
  if (!size) return Error{size.error().what};
  const std::uint64_t largest = kHeaderBytes + max_state_bytes_ + checksums_size(max_state_bytes_);
  if (*size > largest) {
    return Error{path + " has " + std::to_string(*size) + " bytes; a snapshot has at most " + std::to_string(largest)};
  }
  std::array<std::byte, kHeaderBytes> header{};
  auto got = read_up_to(**file, 0, header);
  if (!got) return Error{got.error().what};
  if (*got < kHeaderBytes || !header_checks(header)) {
    return Error{path + ": the header does not check"};
  }
  const auto format = load<std::uint32_t>(header, 8);
  const auto content = load<std::uint32_t>(header, 12);
  if (format != kFormatVersion || content != content_version_) {
    return Error{path + ": written in format " + std::to_string(format) + ", content " + std::to_string(content) +
                 "; this version reads format " + std::to_string(kFormatVersion) + ", content " +
                 std::to_string(content_version_)};
  }
  if (load<std::uint64_t>(header, 16) != journal_id) return Error{path + ": belongs to another journal"};
  const auto state_bytes = load<std::uint64_t>(header, 48);
  if (state_bytes > *size || *size != kHeaderBytes + state_bytes + checksums_size(state_bytes)) {
    return Error{path + ": the state does not check"};
  }
  auto mapping = (*file)->map_for_reading(*size);
  if (!mapping) return Error{mapping.error().what};
  const std::uint64_t state_end = kHeaderBytes + state_bytes;
  if (auto near = (*mapping)->bring_near(state_end, *size - state_end); !near) return Error{near.error().what};
  const auto checksums = (*mapping)->bytes().subspan(state_end);
  if (load<std::uint64_t>(header, 56) != checksum_of(checksums)) return Error{path + ": the state does not check"};

  const Position last{load<std::uint64_t>(header, 24), load<std::uint64_t>(header, 32),
                      load<std::uint64_t>(header, 40)};
  CheckedState state(path, **mapping, kHeaderBytes, state_end, checksums);
  const Status taken = take(last, state);
  if (taken) {
    PORTCULLIS_CHECK(state.left() == 0, "a snapshot's state is taken as a whole");
    return last;
  }
  if (auto fault = state.fault()) return Error{*fault};
  return Error{"the snapshot of record " + std::to_string(last.index) + ": " + taken.error().what};
}

Result<bool> SnapshotStore::has_any() {
  auto found = names();
  if (!found) return found.error();
  return !found->empty();
}

Result<std::vector<std::string>> SnapshotStore::beyond(std::uint64_t journal_id, std::uint64_t index) {
  auto found = names();
  if (!found) return found.error();
  std::vector<std::string> paths;
  for (const std::string& name : *found) {
    const std::string path = directory_ + "/" + name;
    // One that cannot be read shows nothing, and is passed over like any that is of no use.
    auto file = files_.open(path, OpenMode::kRead);
    if (!file) continue;
    std::array<std::byte, kHeaderBytes> header{};
    auto got = read_up_to(**file, 0, header);
    if (!got || *got < kHeaderBytes || !header_checks(header)) continue;
    const bool of_this = load<std::uint64_t>(header, 16) == journal_id;
    if (of_this && load<std::uint64_t>(header, 24) > index) paths.push_back(path);
  }
  return paths;
}

Result<std::optional<Position>> SnapshotStore::take_newest(std::uint64_t journal_id, const Take& take,
                                                           std::vector<std::string>& passed_over) {
  auto found = names();
  if (!found) return found.error();
  for (const std::string& name : *found) {
    auto taken = offer(directory_ + "/" + name, journal_id, take);
    if (taken) return std::optional(*taken);
    passed_over.push_back(taken.error().what);
  }
  return std::optional<Position>();
}

}  // namespace portcullis::persistence
