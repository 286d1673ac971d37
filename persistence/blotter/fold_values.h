#pragma once

#include <deque>
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

// Texts that have to be made while a record is folded, and are looked at until that is done.
class RecordTexts {
 public:
  std::string_view keep(std::string text) {
    if (used_ == texts_.size()) texts_.emplace_back();
    texts_[used_] = std::move(text);
    return texts_[used_++];
  }
  // As clean_text does; a copy only of what is not clean, so the bytes must stay.
  std::string_view clean(std::string_view bytes) { return is_plain_text(bytes) ? bytes : keep(clean_text(bytes)); }
  void clear() { used_ = 0; }

 private:
  std::deque<std::string> texts_;  // its strings stay where they are
  std::size_t used_ = 0;
};

const char* text_of(order::SessionState state);
const char* text_of(order::RequestOrigin origin);
const char* text_of(order::BrokerPhase phase);

// The order that an event is about; none when it is about no order, or about many.
order::OrderNumber subject_of(const order::EventView& event);

// The UTC day, in days since 1970.
inline std::int64_t day_of(std::int64_t time_ns) {
  constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000'000;
  return time_ns >= 0 ? time_ns / kDay : (time_ns - kDay + 1) / kDay;
}

// The UTC day as the tables write it.
inline std::string date_of(std::int64_t time_ns) {
  return Date::of(UtcTime::from_ns(time_ns)).to_iso();
}

// A JSON string: names come from the configuration and may hold anything.
void append_json(std::string& json, std::string_view text);
void append_json(std::string& json, std::int64_t number);

// Of an order's row or of a decision's.
template <typename R>
void set_terms(R& row, const order::Terms& terms) {
  row.ord_type = to_string(terms.ord_type);
  row.time_in_force = to_string(terms.time_in_force);
  row.order_qty = terms.order_qty.raw();
  row.price = optional_price(terms.price, terms.has_price);
  row.stop_px = optional_price(terms.stop_px, terms.has_stop_px);
}

inline void set_reserved(DecisionColumns<std::string_view>& row, const order::Need& need) {
  row.reserved_base = need.base.raw();
  row.reserved_term = need.term.raw();
  row.reserved_notional = need.notional.raw();
}

}  // namespace portcullis::persistence
