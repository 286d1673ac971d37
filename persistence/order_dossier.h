#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "order/types.h"
#include "persistence/file.h"

// All that one order's records in the journal hold about it: messages as they came and went, and events.

namespace portcullis::persistence {

struct DossierLine {
  std::int64_t time_ns = 0;
  std::int64_t journal_index = 0;
  enum class Kind : std::uint8_t { kReceived, kEvent, kSent } kind = Kind::kEvent;
  order::SessionId session;    // of a message
  std::string name;            // MsgType(35) of a message, or the event's name
  std::int64_t decision = -1;  // of a Decided
  std::string content;         // a message with '|' for SOH; an event's fields as JSON
};

// `offsets`: of the frames of the order's records, oldest first. `ids`: every id that a message about the order may
// carry in ClOrdID(11), OrigClOrdID(41), OrderID(37) or RefMsgID: what else a record sends is about other orders.
Result<std::vector<DossierLine>> read_dossier(FileSystem& files, const std::string& journal_directory,
                                              order::OrderNumber order, std::span<const std::int64_t> offsets,
                                              std::span<const std::string> ids);

}  // namespace portcullis::persistence
