#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "order/reject.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/check_log.h"
#include "risk/scopes.h"
#include "risk/state.h"

// What a check sees of one decision, and how it says no. Everything is worked out once, before the first
// check, so that a check is a few compares.

namespace portcullis::risk {

// Why an order has no amounts.
enum class Unpriced : std::uint8_t { kNo, kQuantity, kRate, kQuote, kTooLarge };

struct Context {
  Context(const State& all, const Scopes& of_the_order) : state(all), scopes(of_the_order) {}

  const State& state;
  const Scopes& scopes;  // those that are asked, resolved
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
  const Quote* last_quote = nullptr;       // however old, where the instrument takes it in place of a fresh one

  order::Side side = order::Side::kBuy;
  order::Dealt dealt = order::Dealt::kBase;
  bool buys_base = true;
  ValueDate value;
  ValueDate value2;  // of a swap's far leg
  std::int32_t trade_date = 0;   // days since 1970
  std::int32_t fixing_date = 0;  // of an NDF
  config::SelfCross self_cross = config::SelfCross::kOff;
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
  Unpriced unpriced = Unpriced::kNo;  // why there are no amounts
  // A swap moves its currencies net of both legs, and either way; each leg settles by itself.
  bool is_swap = false;
  bool base_in = true;     // base is received, on the whole: what buys_base says of an order of one leg
  bool term_in = false;
  Amount near_receivable;  // delta
  Amount far_receivable;
  Quantity swap_volume;    // delta, of the legs that count as volume

  const Path<const Node>& path() const { return scopes.nodes; }

  // The scopes that state a limit themselves, and those that are asked for one of what nets (risk/path.h).
  Places stating(Limit limit) const { return scopes.stated[static_cast<std::size_t>(limit)]; }
  Places netting(Limit limit) const { return scopes.netted[static_cast<std::size_t>(limit)]; }
  // What the scope at this place of the path holds to.
  std::int64_t limit_at(std::size_t place, Limit limit) const {
    return scopes.limits[static_cast<std::size_t>(limit)][place];
  }

  // One of the two currencies that the order moves, and by how much its open side grows.
  struct CurrencyGrowth {
    order::CurrencyId currency;
    bool receives = true;  // `in` grows, else `out`
    Amount amount;         // zero: nothing grows
  };
  CurrencyGrowth base_growth() const { return {instrument->base, base_in, base_amount_delta}; }
  CurrencyGrowth term_growth() const {
    return {instrument->term, term_in, instrument->is_fx ? delta.term : Amount()};
  }

  // With the rates that it is valued by, for D4 to D6; worked out once, before the first check.
  struct Growing {
    CurrencyGrowth growth;
    Rate now;               // with the haircut of a stale one
    Rate marked;            // that the scopes' sums are of
    bool counts = false;    // it grows, and is not the risk currency
    bool has_rate = false;  // it can be valued
    bool is_fresh = false;  // both rates are one
  };
  Growing base_growing;
  Growing term_growing;

  // What a scope's position in a growing currency is worth in the risk currency, before and after the order. Filled in
  // for the scopes that D4 and D5 ask, by place, of a currency that counts; the worths only where it can be valued.
  struct Grown {
    bool grows;           // the worst position of both sides, natively
    std::int64_t worst;   // that before the order, at the rate of now
    std::int64_t marked;  // the growing side as the scope's sums have it
    std::int64_t after;   // and with the order, at the rate of now
  };
  std::array<Grown, kMaxNodes> base_grown;
  std::array<Grown, kMaxNodes> term_grown;

  // For a limit on one order, which looks the same from every scope: the scope whose word decides. The most
  // specific that states less than `wanted`, or else the one that states least; null when none states it.
  const Node* tightest(Limit limit, std::int64_t wanted) const {
    const Node* least = scopes.least[static_cast<std::size_t>(limit)];
    if (least == nullptr || least->limits[limit] >= wanted) [[likely]]
      return least;
    for (const Path<const Node>* list : {&scopes.crossed, &scopes.nodes}) {
      for (const Node* node : *list) {
        if (node->limits.stated_here(limit) && node->limits[limit] < wanted) return node;
      }
    }
    return least;
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
  CheckLog& log() { return log_; }

 private:
  CheckLog& log_;
  order::Reject reject_;
};

// The checks of one control over the order's scopes: one line of evidence each, written where it stays.
class Row {
 public:
  Row(const Context& context, Judge& judge, order::Control control)
      : heads_(context.scopes.heads.data()), log_(judge.log()), to_(log_.next()), head_(head_of(control)) {}
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;
  ~Row() { log_.added(static_cast<std::size_t>(to_ - log_.next()) / sizeof(order::CheckResult)); }

  // usage + delta <= limit, of the scope at this place; a sum that does not fit fails.
  bool test(std::size_t place, std::int64_t usage, std::int64_t delta, std::int64_t limit) {
    std::int64_t would_be = 0;
    const bool passed = !__builtin_add_overflow(usage, delta, &would_be) && would_be <= limit;
    const std::uint64_t head = (heads_[place] | head_) ^ (passed ? 0 : kPassed);
    std::memcpy(to_, &head, sizeof head);
    std::memcpy(to_ + 8, &usage, sizeof usage);
    std::memcpy(to_ + 16, &delta, sizeof delta);
    std::memcpy(to_ + 24, &limit, sizeof limit);
    to_ += sizeof(order::CheckResult);
    return passed;
  }

 private:
  // CheckResult begins with control, scope, passed, a pad and the node (little-endian hosts only).
  static_assert(offsetof(order::CheckResult, scope) == 1 && offsetof(order::CheckResult, passed) == 2 &&
                offsetof(order::CheckResult, node) == 4 && offsetof(order::CheckResult, usage) == 8 &&
                offsetof(order::CheckResult, delta) == 16 && offsetof(order::CheckResult, limit) == 24);
  static constexpr std::uint64_t kPassed = 1u << 16;
  static std::uint64_t head_of(order::Control control) { return static_cast<std::uint8_t>(control) | kPassed; }

  const std::uint64_t* heads_;
  CheckLog& log_;
  std::byte* to_;
  const std::uint64_t head_;
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
