#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>

#include "base/time.h"

// Absent values as JSON's null.

namespace portcullis::admin {

namespace json = boost::json;

template <typename Decimal>
json::value decimal_or_null(const std::optional<Decimal>& value) {
  if (!value) return nullptr;
  return json::value(value->to_string());
}

inline json::value time_or_null(const std::optional<UtcTime>& time) {
  if (!time) return nullptr;
  return json::value(to_iso(*time));
}

inline json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::value(text);
}

}  // namespace portcullis::admin
