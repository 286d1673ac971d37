#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/blotter/store.h"

// The reports that are views of the blotter (docs/reports.md): the views stand in persistence/schema/, the same columns
// on both engines; here is what their figures mean. Others need more than the blotter, and are made in app/.

namespace portcullis::persistence {

enum class Unit : std::uint8_t {
  kText,
  kNumber,
  kTime,        // nanoseconds since 1970 UTC
  kDuration,    // nanoseconds
  kQuantity,    // raw
  kPrice,       // raw
  kAmount,      // raw
  kThousandth,  // of a limit; shown as a percentage
  kFigure,      // raw, in the scale of the limit that the row's control tests
};

struct ReportColumn {
  std::string_view name;  // of the report; the view's own may end in _ns
  Unit unit = Unit::kText;
  std::string_view view_column;
};

struct Report {
  std::string_view name;   // rejects_by_control_and_client
  std::string_view title;  // one sentence
  std::span<const ReportColumn> columns;
};

// By name.
std::span<const Report> reports();
const Report* find_report(std::string_view name);

struct ReportFilter {
  // Rows of a time, or of a whole UTC day, within; reports without either ignore them.
  std::optional<std::int64_t> from_ns;
  std::optional<std::int64_t> to_ns;
  std::uint32_t limit = 100'000;
};

struct ReportRows {
  std::vector<Row> rows;  // in the order of the report's columns; sorted by them, on either engine alike
  bool more = false;      // than the limit: rows are left out
};

StoreResult<ReportRows> read_report(BlotterStore& store, const Report& report, const ReportFilter& filter);

}  // namespace portcullis::persistence
