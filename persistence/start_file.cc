#include "persistence/start_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <map>

#include "persistence/frame.h"
#include "persistence/replacement.h"

namespace portcullis::persistence {
namespace {

constexpr std::string_view kMagic = "portcullis-start 1\n";
constexpr const char* kName = "start";
constexpr std::uint64_t kMaxStartBytes = 4096;

struct StartRecord {
  std::string gateway;
  std::uint64_t epoch = 0;
  std::string boot;
  std::string durability;
  bool clean = false;
  bool hold = false;
};

std::string checksum_text(std::string_view body) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(checksum_of(as_byte_span(body))));
  return digits;
}

std::string encode(const StartRecord& record) {
  std::string body(kMagic);
  body += "gateway " + record.gateway + "\n";
  body += "epoch " + std::to_string(record.epoch) + "\n";
  body += "boot " + record.boot + "\n";
  body += "durability " + record.durability + "\n";
  body += std::string("clean ") + (record.clean ? "1" : "0") + "\n";
  body += std::string("hold ") + (record.hold ? "1" : "0") + "\n";
  return body + "checksum " + checksum_text(body) + "\n";
}

Result<StartRecord> decode(const std::string& path, std::string_view text) {
  const Error broken{path +
                     ": the start record does not check. Its epoch is needed so that no ClOrdID is used twice; restore "
                     "the file from a copy, or move it away, and the gateway starts in hold"};
  const std::size_t end = text.rfind("checksum ");
  if (!text.starts_with(kMagic) || end == std::string_view::npos) return broken;
  const std::string_view body = text.substr(0, end);
  if (text.substr(end) != "checksum " + checksum_text(body) + "\n") return broken;
  std::map<std::string, std::string, std::less<>> values;
  std::string_view rest = body.substr(kMagic.size());
  while (!rest.empty()) {
    const std::size_t line_end = rest.find('\n');
    const std::string_view line = rest.substr(0, line_end);
    const std::size_t space = line.find(' ');
    if (line_end == std::string_view::npos || space == std::string_view::npos) return broken;
    values.emplace(line.substr(0, space), line.substr(space + 1));
    rest.remove_prefix(line_end + 1);
  }
  StartRecord record;
  record.gateway = values["gateway"];
  record.boot = values["boot"];
  record.durability = values["durability"];
  record.clean = values["clean"] == "1";
  record.hold = values["hold"] == "1";
  const std::string& epoch = values["epoch"];
  const auto parsed = std::from_chars(epoch.data(), epoch.data() + epoch.size(), record.epoch);
  if (parsed.ec != std::errc() || parsed.ptr != epoch.data() + epoch.size()) return broken;
  return record;
}

const char* name_of(JournalDurability durability) {
  return durability == JournalDurability::kDisk ? "disk" : "process";
}

bool journal_exists(FileSystem& files, const std::string& data_dir) {
  const std::string directory = journal_directory(data_dir);
  if (!files.exists(directory)) return false;
  auto names = files.list(directory);
  return names.ok() &&
         std::any_of(names->begin(), names->end(), [](const std::string& name) { return name.ends_with(".journal"); });
}

}  // namespace

const char* to_text(HoldReason reason) {
  switch (reason) {
    case HoldReason::kNone:
      return "no hold";
    case HoldReason::kPowerLost:
      return "the machine was restarted without a clean stop, and the durability level `process` does not survive that";
    case HoldReason::kStartMissing:
      return "the data directory holds a journal and no start record";
    case HoldReason::kStillHeld:
      return "the run before was in hold and was not released";
    case HoldReason::kEndMissing:
      return "a snapshot includes records that the journal has no longer: its end is missing";
  }
  return "unknown";
}

Result<std::unique_ptr<StartFile>> StartFile::begin(FileSystem& files, const std::string& data_dir,
                                                    const StartArguments& arguments) {
  if (auto made = files.make_directory(data_dir); !made) return Error{made.error().what};
  std::unique_ptr<StartFile> start(new StartFile(files, data_dir));
  auto lock = files.lock(data_dir + "/lock");
  if (!lock) {
    if (lock.error().code != EWOULDBLOCK) return Error{lock.error().what};
    return Error{data_dir + ": another gateway runs in this data directory; stop it, or use another data_dir"};
  }
  start->lock_ = std::move(*lock);
  start->arguments_ = arguments;

  const std::string path = data_dir + "/" + kName;
  StartRecord before;
  if (files.exists(path)) {
    auto bytes = read_file(files, path, kMaxStartBytes);
    if (!bytes) return Error{bytes.error().what};
    auto decoded = decode(path, {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    if (!decoded) return decoded.error();
    before = *decoded;
    if (before.gateway != arguments.gateway_id) {
      return Error{path + ": this data directory belongs to gateway " + before.gateway + ", not to " +
                   arguments.gateway_id + "; use another data_dir, or set gateway.id back"};
    }
    const bool power_lost = before.durability == "process" && !before.clean && before.boot != arguments.boot_id;
    if (power_lost) {
      start->hold_reason_ = HoldReason::kPowerLost;
    } else if (before.hold) {
      start->hold_reason_ = HoldReason::kStillHeld;
    }
  } else if (journal_exists(files, data_dir)) {
    start->hold_reason_ = HoldReason::kStartMissing;
  }
  start->epoch_ = std::max(before.epoch + 1, arguments.unix_seconds);
  if (auto written = start->write(false); !written) return written.error();
  return start;
}

Status StartFile::write(bool clean) {
  StartRecord record;
  record.gateway = arguments_.gateway_id;
  record.epoch = epoch_;
  record.boot = arguments_.boot_id;
  record.durability = name_of(arguments_.durability);
  record.clean = clean;
  record.hold = hold();
  const std::string text = encode(record);
  const std::span<const std::byte> part = as_byte_span(text);
  if (auto replaced = replace_file(files_, data_dir_, kName, std::span(&part, 1)); !replaced) {
    return Error{replaced.error().what};
  }
  return {};
}

Status StartFile::hold_for(HoldReason reason) {
  if (hold()) return {};
  hold_reason_ = reason;
  return write(false);
}

Status StartFile::release_hold() {
  hold_reason_ = HoldReason::kNone;
  return write(false);
}

Status StartFile::stopped_cleanly() {
  return write(true);
}

Result<std::string> kernel_boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  if (!std::getline(file, id) || id.empty()) {
    return Error{"/proc/sys/kernel/random/boot_id cannot be read; the kernel's boot id was expected there"};
  }
  return id;
}

}  // namespace portcullis::persistence
