#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "order/reject.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/check_log.h"
#include "risk/path.h"
#include "risk/state.h"

// What a check sees of one decision, and how it says no. Everything is worked out once, before the first
// check, so that a check is a few compares.

namespace portcullis::risk {

// Why an order has no amounts.
enum class Unpriced : std::uint8_t { kNo, kQuantity, kRate, kQuote, kTooLarge };

struct Context {
  explicit Context(const State& all) : state(all) {}

  const State& state;
  UtcTime now;
  order::ClientId client;
  order::AccountId account;
  order::SessionId session_id;
  order::InstrumentId instrument_id;
  order::TraderId trader;

  const Session* session = nullptr;        // null: none
  const Node* account_node = nullptr;      // null: unknown account, or not this client's
  const Instrument* instrument = nullptr;  // null: unknown instrument
  const Quote* quote = nullptr;            // null: no fresh one

  Path<const Node> nodes;    // the scopes that are asked, most specific first
  Path<const Node> crossed;  // what some of them state for this instrument alone

  order::Side side = order::Side::kBuy;
  order::Dealt dealt = order::Dealt::kBase;
  bool buys_base = true;
  ValueDate value;
  std::int32_t trade_date = 0;  // days since 1970
  order::Terms terms;
  bool duplicate_cl_ord_id = false;

  // What is asked anew: all of it for a new order, for a replace only what it increases or changes.
  bool is_replace = false;
  bool quantity_grows = true;  // OrderQty is above that of all live and pending terms
  bool base_grows = true;      // and so the base amount in full, which for a term amount moves with the price
  bool price_is_new = true;    // Price, StopPx or OrdType
  bool type_is_new = true;     // OrdType or TimeInForce
  bool only_reduces = false;   // takes quantity away and changes nothing else

  // The order's amounts. Not meaningful unless `unpriced` is kNo.
  order::Valuation valuation;
  order::Need whole;                  // of the terms in full, nothing filled
  order::Need delta;                  // what every scope's sums grow by
  Amount base_amount_delta;           // delta.base on the grid of its currency
  Unpriced unpriced = Unpriced::kNo;  // // why there are no amounts

  const Path<const Node>& path() const { return nodes; }

  // One of the two currencies that the order moves, and by how much its open side grows.
  struct CurrencyGrowth {
    order::CurrencyId currency;
    bool receives = true;  // `in` grows, else `out`
    Amount amount;         // zero: nothing grows
  };
  CurrencyGrowth base_growth() const { return {instrument->base, buys_base, base_amount_delta}; }
  CurrencyGrowth term_growth() const { return {instrument->term, !buys_base, delta.term}; }

  // For a limit on one order, which looks the same from every scope: the scope whose word decides. The most
  // specific that states less than `wanted`, or else the one that states least; null when none states it.
  const Node* tightest(Limit limit, std::int64_t wanted) const {
    const Node* least = nullptr;
    for (const Path<const Node>* list : {&crossed, &nodes}) {
      for (const Node* node : *list) {
        if (!node->limits.stated_here(limit)) continue;
        if (least == nullptr || node->limits[limit] < least->limits[limit]) least = node;
        if (node->limits[limit] < wanted) return node;
      }
    }
    return least;
  }
  // What holds in this instrument at one scope of the path: its own limit, or a tighter one for the instrument.
  std::int64_t limit_in_instrument(const Node& node, Limit limit) const {
    std::int64_t tighter = node.limits[limit];
    for (const Node* entry : crossed) {
      if (entry->scope == node.scope && entry->id == node.id) tighter = std::min(tighter, entry->limits[limit]);
    }
    return tighter;
  }
};

// Takes the checks' answers: the evidence, and the first refusal.
class Judge {
 public:
  explicit Judge(CheckLog& log) : log_(log) {}

  // Logs the check and returns whether it passes: usage + delta <= limit; a sum that does not fit fails.
  bool test(order::Control control, order::Scope scope, std::uint32_t node, std::int64_t usage, std::int64_t delta,
            std::int64_t limit) {
    std::int64_t would_be = 0;
    const bool passed = !__builtin_add_overflow(usage, delta, &would_be) && would_be <= limit;
    log_.add(order::CheckResult{control, scope, static_cast<std::uint8_t>(passed), 0, node, usage, delta, limit});
    return passed;
  }
  // For what is no comparison: logs the outcome as given.
  void record(order::Control control, order::Scope scope, std::uint32_t node, std::int64_t usage, std::int64_t limit,
              bool passed) {
    log_.add(order::CheckResult{control, scope, static_cast<std::uint8_t>(passed), 0, node, usage, 0, limit});
  }

  // Text(58) becomes "RISK-<code> <control>: " and the pieces, cut to what fits.
  void refuse(order::RejectCode code, order::Control control, std::uint16_t ref_tag,
              std::initializer_list<std::string_view> pieces);

  const order::Reject& reject() const { return reject_; }

 private:
  CheckLog& log_;
  order::Reject reject_;
};

order::Reject make_reject(order::RejectCode code, order::Control control, std::uint16_t ref_tag,
                          std::initializer_list<std::string_view> pieces);

// A limit's figure for Text(58), or how to speak of it when the client may not see it: only what its own
// account or client states is shown, never a figure of a scope above or beside it.
class LimitText {
 public:
  LimitText(const Node& node, Limit limit);
  std::string_view view() const { return {text_, size_}; }  // "the account's limit 10000000", "a limit of the firm"

 private:
  char text_[80];
  std::size_t size_ = 0;
};

// The shortest decimal form.
class RawText {
 public:
  RawText(std::int64_t raw, int scale) : size_(decimal_detail::format(raw, scale, 0, text_)) {}
  std::string_view view() const { return {text_, size_}; }

 private:
  char text_[32];
  std::size_t size_;
};

// "account", "firm": as people say it.
std::string_view name_of(order::Scope scope);

}  // namespace portcullis::risk
