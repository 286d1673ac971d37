#include "admin/endpoints/paging.h"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <charconv>

namespace portcullis::admin {

namespace {

std::string query_value(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

std::string escaped(const std::string& text) {
  return boost::urls::encode(text, boost::urls::unreserved_chars);
}

}  // namespace

std::optional<UtcTime> parse_iso_time(std::string_view text) {
  const std::string_view date = text.substr(0, 10);
  const auto day = Date::parse_iso(date);
  if (!day) return std::nullopt;
  if (text.size() == date.size()) return parse_utc_timestamp(day->to_fix() + "-00:00:00");
  if (text.size() < 20 || text[10] != 'T' || text.back() != 'Z') return std::nullopt;
  return parse_utc_timestamp(day->to_fix() + "-" + std::string(text.substr(11, text.size() - 12)));
}

Result<HistoryFilter, Response> read_filter(const Request& request) {
  HistoryFilter filter;
  filter.client = query_value(request, "client");
  filter.account = query_value(request, "account");
  filter.symbol = query_value(request, "symbol");
  filter.order_id = query_value(request, "order_id");
  filter.control = query_value(request, "control");
  filter.outcome = query_value(request, "outcome");
  filter.cursor = query_value(request, "cursor");
  std::vector<std::string> faults;
  for (const auto& [name, value] : request.query) {
    if (value.size() > 256) faults.push_back("'" + name + "' is longer than 256 bytes");
  }
  if (const std::string open = query_value(request, "open"); open == "true") {
    filter.open_only = true;
  } else if (!open.empty() && open != "false") {
    faults.push_back("'open' is neither true nor false");
  }
  for (const auto& [name, into] : {std::pair{"from", &filter.from}, std::pair{"to", &filter.to}}) {
    const std::string value = query_value(request, name);
    if (value.empty()) continue;
    *into = parse_iso_time(value);
    if (!*into) faults.push_back("'" + std::string(name) + "' is no time as 2026-11-25 or 2026-11-25T13:00:00Z");
  }
  if (!filter.outcome.empty() && filter.outcome != "accepted" && filter.outcome != "rejected") {
    faults.push_back("'outcome' is neither accepted nor rejected");
  }
  if (const std::string limit = query_value(request, "limit"); !limit.empty()) {
    const char* end = limit.data() + limit.size();
    const auto parsed = std::from_chars(limit.data(), end, filter.limit);
    if (parsed.ec != std::errc() || parsed.ptr != end || filter.limit < 1 || filter.limit > 1000) {
      faults.push_back("'limit' is no integer from 1 to 1000");
    }
  }
  if (!faults.empty()) return problem(422, "the query makes no sense", faults);
  return filter;
}

Response history_problem(const HistoryError& error) {
  switch (error.kind) {
    case HistoryError::Kind::kBadCursor:
    case HistoryError::Kind::kBadRequest:
      return problem(422, error.what);
    case HistoryError::Kind::kUnknown:
      return problem(404, error.what);
    case HistoryError::Kind::kNotBuilt:
      return problem(501, error.what);
    case HistoryError::Kind::kUnavailable:
      break;
  }
  return problem(503, error.what);
}

std::string next_page(const Request& request, const std::string& cursor) {
  std::string target = request.path + "?";
  for (const auto& [name, value] : request.query) {
    if (name != "cursor") target += escaped(name) + "=" + escaped(value) + "&";
  }
  return target + "cursor=" + escaped(cursor);
}

}  // namespace portcullis::admin
