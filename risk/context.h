#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include "order/reject.h"
#include "order/terms.h"
#include "order/types.h"
#include "risk/check_log.h"
#include "risk/growth.h"
#include "risk/headroom.h"
#include "risk/scopes.h"
#include "risk/state.h"

// What a check sees of one decision, and how it says no. Everything is worked out once, before the first
// check, so that a check is a few compares.

namespace portcullis::risk {

// Why an order has no amounts.
enum class Unpriced : std::uint8_t { kNo, kQuantity, kRate, kQuote, kTooLarge };

struct Context {
  Context(const State& all, const Scopes& of_the_order, const order::Terms& asked)
      : state(all), scopes(of_the_order), terms(asked) {}

  const State& state;
  const Scopes& scopes;       // those that are asked, resolved
  const order::Terms& terms;  // of a replace the new ones
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
  const Node* spread_limit = nullptr;      // whose max_spread_percent the fresh quote was held to; null: nobody's
  std::int64_t spread = 0;                 // of the quote, in units of Percent, rounded up
  bool too_wide() const { return spread_limit != nullptr && quote == nullptr; }  // and so there is none

  order::Side side = order::Side::kBuy;
  order::Dealt dealt = order::Dealt::kBase;
  bool buys_base = true;
  ValueDate value;
  ValueDate value2;  // of a swap's far leg
  std::int32_t trade_date = 0;   // days since 1970
  std::int32_t fixing_date = 0;  // of an NDF
  config::SelfCross self_cross = config::SelfCross::kOff;
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
  Places stating(Limit limit) const { return scopes.stated.data()[static_cast<std::size_t>(limit)]; }
  Places netting(Limit limit) const { return scopes.netted.data()[static_cast<std::size_t>(limit)]; }

  // For D4 to D6; worked out once, before the first check.
  Growing base_growing;
  Growing term_growing;

  Headrooms nearest;

  // For a limit on one order, which looks the same from every scope: calls visit(scope) for the scope whose word decides;
  // of a new order beside that for its broker, whose word is told apart. Until one returns false, then false, too.
  template <typename Visit>
  bool each_word(Limit limit, std::int64_t wanted, Visit&& visit) const {
    const Node* const least = scopes.least.data()[static_cast<std::size_t>(limit)];
    if (least == nullptr) return true;
    if (broker_apart == nullptr) return visit(*tightest(scopes.least, limit, wanted));
    const Node* const beside = tightest(scopes.least_beside, limit, wanted);
    if (beside != nullptr && !visit(*beside)) return false;
    const Node* const of_broker = tightest(scopes.least_of_broker, limit, wanted);
    return of_broker == nullptr || visit(*of_broker);
  }
  const Node* broker_apart = nullptr;  // the broker of a new order that is asked with all other scopes

 private:
  // Of those that `least` is of: the most specific that states less than `wanted`, or else the one that states least; null
  // when none states it.
  const Node* tightest(const Scopes::ByLimit<const Node*>& least, Limit limit, std::int64_t wanted) const {
    const Node* const found = least.data()[static_cast<std::size_t>(limit)];
    if (found == nullptr || found->limits[limit] >= wanted) [[likely]]
      return found;
    return first_below(least, limit, wanted);
  }
  const Node* first_below(const Scopes::ByLimit<const Node*>& least, Limit limit, std::int64_t wanted) const;
};

// Whether the order closes what is held, what is open to close it included, and nothing else.
bool reduces(const Context& context, const Exposure& exposure);
// A currency of an order of now.
Growing growing(const Market& market, UtcTime now, order::CurrencyId currency, bool receives, Amount amount);
// What the scope at `place` holds of a growing currency is worth in the risk currency, before and after the order.
struct Grown {
  std::int64_t worst = 0;    // the worst of both sides before the order, at the rate of now
  std::int64_t after = 0;    // the growing side with the order, at the rate of now
  std::int64_t growth = 0;   // of the growing side, less what the scope's sums have of it
  bool worst_grows = false;  // the worst of both sides, natively
};
Grown grown_at(const Context& context, const Growing& growing, const CurrencyExposure& held, std::size_t place);

// Takes the checks' answers: the evidence, and the first refusal.
class Judge {
 public:
  explicit Judge(CheckLog& log) : log_(log), begin_(log.results().size()) {}

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
  // What refuses is a broker's own limit or state, or nothing has been decided for its sake.
  bool refused_at_broker() const { return left_to_broker_ || (reject_ && last_failed_at_broker()); }
  void leave_to_broker() { left_to_broker_ = true; }
  // As if it had been asked nothing.
  void forget() {
    log_.cut(begin_);
    reject_ = order::Reject();
    left_to_broker_ = false;
  }
  CheckLog& log() { return log_; }

 private:
  bool last_failed_at_broker() const;

  CheckLog& log_;
  std::size_t begin_;
  bool left_to_broker_ = false;
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
