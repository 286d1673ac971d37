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
std::string_view word_of(std::string_view code, RecordTexts& texts) {
  if (code.size() != 1) return texts.clean(code);
  const std::string_view word = to_string(static_cast<Enum>(code[0]));
  return word == "unknown" ? texts.clean(code) : word;
}

std::string_view value_date_of(std::string_view date, std::string_view type, RecordTexts& texts) {
  if (!date.empty()) {
    if (const auto day = Date::parse_fix(date)) return texts.keep(day->to_iso());
  }
  return type.empty() ? std::string_view() : texts.keep("type " + clean_text(type));
}

bool is_trader(std::string_view party_role) {
  return party_role == "11" || party_role == "12" || party_role == "36";
}

}  // namespace

MessageFacts read_message(std::string_view bytes, RecordTexts& texts) {
  MessageFacts facts;
  // Twelve kilobytes that are not made anew for each message.
  thread_local fix::ScannedMessage message;
  if (bytes.empty() || fix::scan(bytes, message)) return facts;
  std::string_view date, settl_type, sub_id, party, trader, quantity, cash, price, stop_px;
  // Each field is looked at once; the first one with a tag counts.
  const auto first = [](std::string_view& to, std::string_view value) {
    if (to.data() == nullptr) to = value;
  };
  for (const fix::RawField& field : message.fields()) {
    switch (field.tag) {
      case 1:
        first(facts.account, field.value);
        break;
      case 11:
        first(facts.cl_ord_id, field.value);
        break;
      case 15:
        first(facts.currency, field.value);
        break;
      case 38:
        first(quantity, field.value);
        break;
      case 40:
        first(facts.ord_type, field.value);
        break;
      case 41:
        first(facts.orig_cl_ord_id, field.value);
        break;
      case 44:
        first(price, field.value);
        break;
      case 50:
        first(sub_id, field.value);
        break;
      case 54:
        first(facts.side, field.value);
        break;
      case 55:
        first(facts.symbol, field.value);
        break;
      case 59:
        first(facts.time_in_force, field.value);
        break;
      case 63:
        first(settl_type, field.value);
        break;
      case 64:
        first(date, field.value);
        break;
      case 99:
        first(stop_px, field.value);
        break;
      case 152:
        first(cash, field.value);
        break;
      case 448:
        party = field.value;
        break;
      case 452:
        if (is_trader(field.value)) first(trader, party);
        break;
      case 847:
        first(facts.strategy, field.value);
        break;
      case 1028:
        first(facts.manual, field.value);
        break;
      default:
        break;
    }
  }
  for (std::string_view* text : {&facts.account, &facts.cl_ord_id, &facts.currency, &facts.orig_cl_ord_id,
                                 &facts.symbol, &facts.strategy, &facts.manual}) {
    *text = texts.clean(*text);
  }
  facts.side = word_of<order::Side>(facts.side, texts);
  facts.ord_type = word_of<order::OrdType>(facts.ord_type, texts);
  facts.time_in_force = word_of<order::TimeInForce>(facts.time_in_force, texts);
  facts.value_date = value_date_of(date, settl_type, texts);
  facts.trader = texts.clean(trader.data() != nullptr ? trader : sub_id);
  facts.cash = quantity.empty() && !cash.empty();
  facts.order_qty = raw_of<Quantity>(facts.cash ? cash : quantity);
  facts.price = raw_of<Price>(price);
  facts.stop_px = raw_of<Price>(stop_px);
  return facts;
}

}  // namespace portcullis::persistence
