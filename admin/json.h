#pragma once

#include <boost/json.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/http.h"
#include "admin/port.h"

// JSON of the port's values, as admin/schemas.cc describes it, and the reading of request bodies.
// Decimals are strings, times ISO 8601 in UTC; what is unknown is null.

namespace portcullis::admin {

boost::json::object to_json(const GatewayView& gateway);
boost::json::object to_json(const HealthView& health);
boost::json::object to_json(const SessionView& session);
boost::json::object to_json(const ExposureView& exposure);
boost::json::object to_json(const LimitsView& limits);
boost::json::object to_json(const AlertView& alert);
boost::json::object to_json(const MassCancelView& run);
boost::json::object to_json(const KillView& kill);
boost::json::object to_json(const OrderRow& order);
boost::json::object to_json(const ExecutionRow& execution);
boost::json::object to_json(const OrderDetail& detail);
boost::json::object to_json(const DecisionRow& decision);
boost::json::object to_json(const ProposalView& proposal);

template <typename T>
boost::json::array to_json(const std::vector<T>& values) {
  boost::json::array array;
  array.reserve(values.size());
  for (const T& value : values) array.emplace_back(to_json(value));
  return array;
}

// As text in UTF-8, whatever bytes a peer put into its FIX text: a byte that is none would make all of it unreadable.
std::string serialized(const boost::json::value& value);

Response json_response(const boost::json::value& value, unsigned status = 200);

// Reads a request body field by field and collects every fault, so that a user sees them all at once.
class BodyReader {
 public:
  // `known` are the members that may stand; others are faults.
  BodyReader(std::string_view body, std::initializer_list<std::string_view> known);

  // Text of 1 to max_bytes bytes without control characters. Empty after a fault.
  std::string text(std::string_view name, std::size_t max_bytes);
  // The same; null or missing gives nothing.
  std::optional<std::string> optional_text(std::string_view name, std::size_t max_bytes);
  // One of `values`.
  std::string choice(std::string_view name, std::initializer_list<std::string_view> values);
  // A string, or a JSON integer; `parse` is Price::parse or its like.
  template <typename Decimal>
  std::optional<Decimal> optional_decimal(std::string_view name) {
    const std::optional<std::string> plain = decimal_text(name);
    if (!plain) return std::nullopt;
    std::optional<Decimal> value = Decimal::parse(*plain);
    if (!value) fault(name, "is no decimal that fits; at most " + std::to_string(Decimal::kScale) + " decimals");
    return value;
  }
  template <typename Decimal>
  Decimal decimal(std::string_view name) {
    const std::optional<Decimal> value = optional_decimal<Decimal>(name);
    if (!value && !has(name)) fault(name, "is missing; a decimal as a string was expected");
    return value.value_or(Decimal());
  }
  // True or false; false when missing.
  bool flag(std::string_view name);
  std::optional<std::uint64_t> optional_sequence_number(std::string_view name);
  std::optional<UtcTime> optional_time(std::string_view name);
  // The object `limits`: names and values.
  std::vector<std::pair<std::string, LimitValue>> limits(std::string_view name);

  bool has(std::string_view name) const;  // and not null
  void fault(std::string_view name, std::string what);
  bool ok() const { return faults_.empty(); }
  // 400 when the body is no JSON object, else 422 with every fault.
  Response refusal() const;

 private:
  std::optional<std::string> decimal_text(std::string_view name);

  bool is_object_ = false;
  boost::json::object object_;
  std::vector<std::string> faults_;
};

}  // namespace portcullis::admin
