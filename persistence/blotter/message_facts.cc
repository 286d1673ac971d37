#include "persistence/blotter/message_facts.h"

#include "fix/scanner.h"
#include "order/types.h"

namespace portcullis::persistence {
namespace {

template <typename Decimal>
OptionalInteger raw_of(std::string_view text) {
  const auto value = Decimal::parse(text);
  return value ? OptionalInteger(value->raw()) : std::nullopt;
}

// "limit" for OrdType(40)=2: what the vocabulary has no word for stays as it came.
template <typename Enum>
std::string word_of(std::string_view code) {
  if (code.size() != 1) return clean_text(code);
  const std::string_view word = to_string(static_cast<Enum>(code[0]));
  return std::string(word == "unknown" ? code : word);
}

std::string value_date_of(const fix::ScannedMessage& message) {
  const std::string_view date = message.find(64);
  if (const auto day = Date::parse_fix(date)) return day->to_iso();
  const std::string_view type = message.find(63);
  return type.empty() ? std::string() : "type " + clean_text(type);
}

bool is_trader(std::string_view party_role) {
  return party_role == "11" || party_role == "12" || party_role == "36";
}

std::string trader_of(const fix::ScannedMessage& message) {
  std::string_view party;
  for (const fix::RawField& field : message.fields()) {
    if (field.tag == 448) party = field.value;
    if (field.tag == 452 && is_trader(field.value)) return clean_text(party);
  }
  return clean_text(message.find(50));
}

}  // namespace

MessageFacts read_message(std::string_view bytes) {
  MessageFacts facts;
  fix::ScannedMessage message;
  if (bytes.empty() || fix::scan(bytes, message)) return facts;
  facts.cl_ord_id = clean_text(message.find(11));
  facts.orig_cl_ord_id = clean_text(message.find(41));
  facts.account = clean_text(message.find(1));
  facts.symbol = clean_text(message.find(55));
  facts.currency = clean_text(message.find(15));
  facts.side = word_of<order::Side>(message.find(54));
  facts.ord_type = word_of<order::OrdType>(message.find(40));
  facts.time_in_force = word_of<order::TimeInForce>(message.find(59));
  facts.value_date = value_date_of(message);
  facts.trader = trader_of(message);
  facts.strategy = clean_text(message.find(847));
  facts.manual = clean_text(message.find(1028));
  const std::string_view quantity = message.find(38);
  facts.cash = quantity.empty() && !message.find(152).empty();
  facts.order_qty = raw_of<Quantity>(facts.cash ? message.find(152) : quantity);
  facts.price = raw_of<Price>(message.find(44));
  facts.stop_px = raw_of<Price>(message.find(99));
  return facts;
}

}  // namespace portcullis::persistence
