// `journal messages`: the message log of a session. It is a view of the journal, which holds every message as it
// came and went, Logons with their secrets masked (docs/decisions/the-message-log-is-the-journal.md).

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

#include "app/commands/journal_messages.h"

#include "app/commands/command.h"
#include "gateway/record.h"
#include "persistence/journal_dump.h"
#include "persistence/journal_reader.h"

namespace portcullis::app {
namespace {

class MessageLog {
 public:
  explicit MessageLog(const MessagesOptions& options) : options_(options) {}

  // False when nobody reads what is written any more.
  bool write(const gateway::RecordView& record, std::uint64_t index) {
    record.for_each_event([this](const order::EventView& event) {
      if (event.type() != order::EventType::kNameAdded) return;
      const auto added = event.as<order::NameAdded>();
      if (added.kind == order::NameKind::kSession) sessions_[static_cast<std::uint16_t>(added.index)] = added.name.view();
    });
    bool open = true;
    if (record.header().kind == gateway::InputKind::kMessage) {
      open = line(record.time(), index, record.header().session, '<', record.input());
    }
    record.for_each_outbound([&](const gateway::OutboundView& message) {
      open = open && line(record.time(), index, message.header.session, '>', message.bytes);
    });
    return open;
  }

  // Empty: there is such a session. A mistyped one would look like one that has never said anything.
  std::string wrong_session() const {
    std::string names;
    for (const auto& [number, name] : sessions_) {
      if (options_.session.empty() || name == options_.session) return {};
      names += (names.empty() ? "" : ", ") + name;
    }
    return options_.session.empty() ? "" : "no session is called '" + options_.session + "', expected one of: " + names;
  }

 private:
  // '<' came in, '>' went out.
  bool line(UtcTime time, std::uint64_t index, order::SessionId session, char direction, std::string_view bytes) {
    const auto name = sessions_.find(session.value());
    const std::string_view id = name == sessions_.end() ? "?" : std::string_view(name->second);
    if (!options_.session.empty() && id != options_.session) return true;
    text_.assign(bytes);
    std::replace(text_.begin(), text_.end(), '\x01', '|');
    // What a terminal would obey, and what would begin another line.
    std::replace_if(text_.begin(), text_.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    if (!options_.contains.empty() && ("|" + text_).find(options_.contains) == std::string::npos) return true;
    char stamp[32];
    const std::size_t size = format_utc_timestamp(time, TimePrecision::kMicroseconds, stamp);
    return std::printf("%.*s %" PRIu64 " %.*s %c %s\n", static_cast<int>(size), stamp, index, static_cast<int>(id.size()),
                       id.data(), direction, text_.c_str()) > 0;
  }

  const MessagesOptions& options_;
  std::map<std::uint16_t, std::string> sessions_;
  std::string text_;
};

}  // namespace

int print_messages(const std::string& named, const MessagesOptions& options) {
  persistence::FileSystem& files = persistence::posix_file_system();
  const std::string directory = persistence::find_journal(files, named);
  auto opened = persistence::JournalReader::open(files, directory);
  if (!opened.ok()) {
    std::fprintf(stderr, "%s: %s\n", directory.c_str(), opened.error().what.c_str());
    return kExitNo;
  }
  persistence::JournalReader reader = std::move(opened).value();
  MessageLog log(options);
  while (true) {
    const auto next = reader.next();
    if (!next.ok()) {
      std::fprintf(stderr, "%s: %s\n", directory.c_str(), next.error().what.c_str());
      return kExitNo;
    }
    if (!next->has_value()) {
      const std::string wrong = log.wrong_session();
      if (wrong.empty()) return kExitDone;
      std::fprintf(stderr, "%s: %s\n", directory.c_str(), wrong.c_str());
      return kExitNo;
    }
    const auto record = gateway::read_record((*next)->content_version, (*next)->payload);
    if (!record) {
      std::fprintf(stderr, "%s: %s\n", reader.place_of(**next).c_str(), record.error().what.c_str());
      return kExitNo;
    }
    if (!log.write(*record, (*next)->position.index)) return kExitDone;
  }
}

}  // namespace portcullis::app
