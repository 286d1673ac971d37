#pragma once

#include <string>

#include "admin/api.h"
#include "admin/json.h"

// What /orders, /executions and /decisions have in common: the filter of the query, and pages.

namespace portcullis::admin {

// The filter, or a 422 that says what was wrong.
Result<HistoryFilter, Response> read_filter(const Request& request);

// 2026-11-25 (its first moment), 2026-11-25T13:00:00Z, 2026-11-25T13:00:00.123Z; nothing for other text.
std::optional<UtcTime> parse_iso_time(std::string_view text);

Response history_problem(const HistoryError& error);

// The target of the next page: `request`'s own with another cursor.
std::string next_page(const Request& request, const std::string& cursor);

template <typename Row>
Response page_response(const HistoryResult<Page<Row>>& page, const Request& request) {
  if (!page) return history_problem(page.error());
  Response response = json_response(to_json(page->rows));
  if (!page->next_cursor.empty()) {
    response.headers.emplace_back("Link", "<" + next_page(request, page->next_cursor) + ">; rel=\"next\"");
  }
  return response;
}

}  // namespace portcullis::admin
