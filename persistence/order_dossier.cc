#include "persistence/order_dossier.h"

#include <algorithm>

#include "fix/scanner.h"
#include "gateway/record.h"
#include "persistence/blotter/fold_values.h"
#include "persistence/event_fields.h"
#include "persistence/journal_dump.h"
#include "persistence/journal_reader.h"

namespace portcullis::persistence {
namespace {

std::string msg_type_of(std::string_view bytes) {
  fix::ScannedMessage message;
  fix::scan(bytes, message);
  return clean_text(message.header().msg_type);
}

bool names_one_of(std::string_view bytes, std::span<const std::string> ids) {
  fix::ScannedMessage message;
  if (fix::scan(bytes, message)) return false;
  return std::any_of(message.fields().begin(), message.fields().end(), [&](const fix::RawField& field) {
    const bool is_id = field.tag == 11 || field.tag == 41 || field.tag == 37 || field.tag == 379;
    return is_id && std::find(ids.begin(), ids.end(), field.value) != ids.end();
  });
}

}  // namespace

Result<std::vector<DossierLine>> read_dossier(FileSystem& files, const std::string& journal_directory,
                                              order::OrderNumber order, std::span<const std::int64_t> offsets,
                                              std::span<const std::string> ids) {
  std::vector<DossierLine> lines;
  FrameFile frames(files, journal_directory, 0);
  std::vector<std::byte> scratch;
  for (const std::int64_t offset : offsets) {
    const auto frame = frames.read(static_cast<std::uint64_t>(offset), scratch);
    if (!frame) return frame.error();
    const auto record = gateway::RecordView::parse(frame->payload);
    if (!record) return Error{"record " + std::to_string(frame->index) + " cannot be read by this version"};
    const auto add = [&](DossierLine::Kind kind, order::SessionId session, std::string name, std::string content) {
      DossierLine& line = lines.emplace_back();
      line.time_ns = record->header().time_ns;
      line.journal_index = static_cast<std::int64_t>(frame->index);
      line.kind = kind;
      line.session = session;
      line.name = std::move(name);
      line.content = std::move(content);
    };
    if (record->header().kind == gateway::InputKind::kMessage) {
      add(DossierLine::Kind::kReceived, record->header().session, msg_type_of(record->input()),
          printable(record->input()));
    } else if (record->header().kind == gateway::InputKind::kCommand) {
      add(DossierLine::Kind::kReceived, order::SessionId::none(), "command", printable(record->input()));
    }
    record->for_each_event([&](const order::EventView& event) {
      if (subject_of(event) != order) return;
      boost::json::object fields;
      add_event_fields(fields, event);
      add(DossierLine::Kind::kEvent, order::SessionId::none(), std::string(to_string(event.type())),
          boost::json::serialize(fields));
      if (event.type() == order::EventType::kDecided) {
        lines.back().decision = static_cast<std::int64_t>(event.as<order::Decided>().decision);
      }
    });
    record->for_each_outbound([&](const gateway::OutboundView& message) {
      if (message.header.admin != 0 || !names_one_of(message.bytes, ids)) return;
      add(DossierLine::Kind::kSent, message.header.session, msg_type_of(message.bytes), printable(message.bytes));
    });
  }
  return lines;
}

}  // namespace portcullis::persistence
