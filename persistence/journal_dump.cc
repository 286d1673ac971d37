#include "persistence/journal_dump.h"

#include <boost/json.hpp>

#include "gateway/record.h"
#include "order/governance.h"
#include "persistence/blotter/tables.h"
#include "persistence/event_fields.h"
#include "persistence/start_file.h"

namespace portcullis::persistence {
namespace {

const char* name_of(gateway::InputKind kind) {
  switch (kind) {
    case gateway::InputKind::kStart:
      return "start";
    case gateway::InputKind::kConfigure:
      return "configure";
    case gateway::InputKind::kMessage:
      return "message";
    case gateway::InputKind::kSession:
      return "session";
    case gateway::InputKind::kCommand:
      return "command";
    case gateway::InputKind::kTick:
      return "tick";
  }
  return "unknown";
}

boost::json::object to_json(const JournalRecord& record, const gateway::RecordView& view) {
  const gateway::RecordHeader& header = view.header();
  boost::json::object json;
  json["index"] = record.position.index;
  json["offset"] = record.position.offset;
  json["time"] = to_iso(view.time());
  json["kind"] = name_of(header.kind);
  if (header.session.has_value()) json["session"] = header.session.value();
  if (header.inbound_seq != 0) json["msg_seq_num"] = header.inbound_seq;
  if ((header.flags & gateway::kDelivered) != 0) json["delivered"] = true;
  json["input"] = clean_text(view.input());
  boost::json::array events;
  view.for_each_event([&](const order::EventView& event) {
    boost::json::object one;
    one["type"] = to_string(event.type());
    add_event_fields(one, event);
    events.push_back(std::move(one));
  });
  json["events"] = std::move(events);
  boost::json::array outbound;
  view.for_each_outbound([&](const gateway::OutboundView& message) {
    boost::json::object one;
    one["session"] = message.header.session.value();
    one["msg_seq_num"] = message.header.msg_seq_num;
    one["admin"] = message.header.admin != 0;
    one["bytes"] = clean_text(message.bytes);
    outbound.push_back(std::move(one));
  });
  json["outbound"] = std::move(outbound);
  return json;
}

std::string to_text(const JournalRecord& record, const gateway::RecordView& view) {
  const gateway::RecordHeader& header = view.header();
  std::string text = std::to_string(record.position.index) + "  " + to_iso(view.time()) + "  " + name_of(header.kind);
  if (header.session.has_value()) text += "  session " + std::to_string(header.session.value());
  if (header.inbound_seq != 0) text += "  number " + std::to_string(header.inbound_seq);
  text += '\n';
  if (!view.input().empty()) text += "  <  " + printable(view.input()) + '\n';
  view.for_each_event([&](const order::EventView& event) {
    boost::json::object fields_json;
    add_event_fields(fields_json, event);
    text +=
        "     " + std::string(to_string(event.type())) + ' ' + printable(boost::json::serialize(fields_json)) + '\n';
  });
  view.for_each_outbound([&](const gateway::OutboundView& message) {
    text += "  >  session " + std::to_string(message.header.session.value()) + "  number " +
            std::to_string(message.header.msg_seq_num) + "  " + printable(message.bytes) + '\n';
  });
  return text;
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string text = clean_text(bytes);
  for (char& c : text) {
    if (c == '\x01') {
      c = '|';
    } else if (static_cast<unsigned char>(c) < 0x20 || c == '\x7F') {
      c = '.';
    }
  }
  return text;
}

Result<std::uint64_t> dump_journal(FileSystem& files, const std::string& directory, const DumpOptions& options,
                                   const std::function<bool(std::string_view)>& write) {
  auto reader = JournalReader::open(files, directory);
  if (!reader) return reader.error();
  if (auto found = reader->seek_behind(options.after); !found) return found.error();
  std::uint64_t count = 0;
  while (count < options.most) {
    auto record = reader->next();
    if (!record) return record.error();
    if (!*record) break;
    const auto view = gateway::read_record((*record)->content_version, (*record)->payload);
    if (!view) return Error{reader->place_of(**record) + ": " + view.error().what};
    const std::string text = options.format == DumpFormat::kText
                                 ? to_text(**record, *view)
                                 : boost::json::serialize(to_json(**record, *view)) + '\n';
    ++count;
    if (!write(text)) break;
  }
  return count;
}

std::string describe(const ScanReport& report) {
  std::string text = std::to_string(report.records) + " records";
  if (report.first_index != 0) {
    text += ", " + std::to_string(report.first_index) + " to " + std::to_string(report.last_index);
  }
  text += ", " + std::to_string(report.payload_bytes) + " bytes in " + std::to_string(report.segments) + " segments\n";
  text += report.stopped_cleanly ? "stopped cleanly\n" : "no clean stop: the gateway runs, or was killed\n";
  if (report.torn_bytes > 0) {
    text += "torn tail: " + std::to_string(report.torn_bytes) + " bytes behind " + report.torn_at + ", with " +
            std::to_string(report.torn_records) + " records that were never durable; the next start cuts them off\n";
  }
  return text;
}

std::string find_journal(FileSystem& files, const std::string& named) {
  const std::string inside = journal_directory(named);
  return files.exists(inside) ? inside : named;
}

}  // namespace portcullis::persistence
