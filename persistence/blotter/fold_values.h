#pragma once

#include <string>
#include <string_view>

#include "order/events.h"
#include "persistence/blotter/rows.h"

// How the folds write an event's values into rows: absent values, text from outside, names of enumerators, JSON.

namespace portcullis::persistence {

inline constexpr std::monostate kFine{};

inline OptionalInteger optional_price(Price price, bool present) {
  return present ? OptionalInteger(price.raw()) : std::nullopt;
}

template <typename Id>
OptionalInteger optional_number(Id id) {
  return id.has_value() ? OptionalInteger(static_cast<std::int64_t>(id.value())) : std::nullopt;
}

inline std::string text_of(std::string_view view) {
  return clean_text(view);
}

const char* text_of(order::SessionState state);
const char* text_of(order::RequestOrigin origin);
const char* text_of(order::BrokerPhase phase);

// A JSON string: names come from the configuration and may hold anything.
void append_json(std::string& json, std::string_view text);
void append_json(std::string& json, std::int64_t number);

void set_terms(OrderRow& row, const order::Terms& terms);

}  // namespace portcullis::persistence
