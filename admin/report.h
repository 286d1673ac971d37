#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/role.h"
#include "base/time.h"

// Reports as the API asks for them and gets them (admin/port.h).

namespace portcullis::admin {

// One cell of a report. Decimals and times are texts that are formatted already.
struct ReportCell {
  enum class Kind : std::uint8_t { kAbsent, kText, kNumber };
  Kind kind = Kind::kAbsent;
  std::string text;
};

struct ReportTable {
  std::string name;
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<ReportCell>> rows;
};

struct ReportInfo {
  std::string name;
  std::string title;
  Role role = Role::kViewer;            // the least that may read it
  std::vector<std::string> parameters;  // of the query: from, to, as_of, order_id
  std::vector<std::string> columns;
};

struct ReportRequest {
  std::string name;
  std::optional<UtcTime> from;
  std::optional<UtcTime> to;
  std::optional<UtcTime> as_of;  // control_inventory
  std::string order_id;          // order_dossier
};

}  // namespace portcullis::admin
