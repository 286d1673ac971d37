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

  // What a scope's position in a growing currency is worth in the risk currency, before and after the order. Filled in
  // for the scopes that D4 and D5 ask, by place, of a currency that counts; the worths only where it can be valued.
  struct Grown {
    std::int64_t worst;  // the worst of both sides before the order, at the rate of now
    std::int64_t after;  // the growing side with the order, at the rate of now
  };
  struct GrownIn {
    Places worst = 0;  // where the worst position of both sides grows, natively
    Scopes::Column<Grown> at;
  };
  GrownIn base_grown;
  GrownIn term_grown;
  // What both add to the two sides of a scope's net open position, at the marks of its sums.
  struct SidesGrown {
    std::int64_t longs;
    std::int64_t shorts;
  };
  Scopes::Column<SidesGrown> sides_grown;

  // For a limit on one order, which looks the same from every scope: the scope whose word decides. The most
  // specific that states less than `wanted`, or else the one that states least; null when none states it.
  const Node* tightest(Limit limit, std::int64_t wanted) const {
    const Node* least = scopes.least.data()[static_cast<std::size_t>(limit)];
    if (least == nullptr || least->limits[limit] >= wanted) [[likely]]
      return least;
    return first_below(limit, wanted, least);
  }

 private:
  const Node* first_below(Limit limit, std::int64_t wanted, const Node* least) const;
};

// Whether the order closes what is held, what is open to close it included, and nothing else.
bool reduces(const Context& context, const Exposure& exposure);
// A currency of an order of now.
Growing growing(const Market& market, UtcTime now, order::CurrencyId currency, bool receives, Amount amount);
// What both grow by in the scopes that D4 or D5 ask.
void find_growths(Context& context);

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

// What a control asks of one scope: usage + delta <= limit.
struct Asked {
  std::int64_t usage = 0;
  std::int64_t delta = 0;
};

inline constexpr std::size_t kNoPlace = ~std::size_t{0};

// The checks of one control over the scopes at `places`, held to `limit`: a line of evidence each, written where it
// stays, up to the first that fails. Returns the place of that one, or kNoPlace. `question(place, Asked&)` returns false
// where there is nothing to ask. A sum that does not fit fails.
//
// Everything is copied into locals first: what is written could be, for all that the compiler knows, what is read.
template <typename Question>
[[gnu::always_inline]] inline std::size_t ask_each(const Context& context, Judge& judge, order::Control control,
                                                   Limit limit, Places places, Question question) {
  // CheckResult begins with control, scope, passed, a pad and the node (little-endian hosts only).
  using order::CheckResult;
  static_assert(offsetof(CheckResult, scope) == 1 && offsetof(CheckResult, passed) == 2 &&
                offsetof(CheckResult, node) == 4 && offsetof(CheckResult, usage) == 8 &&
                offsetof(CheckResult, delta) == 16 && offsetof(CheckResult, limit) == 24);
  constexpr std::uint64_t kPassed = 1u << 16;
  const std::uint64_t control_bits = static_cast<std::uint8_t>(control) | kPassed;
  const std::uint64_t* const heads = context.scopes.heads.data();
  const std::int64_t* const limits = context.scopes.limits_of(limit);
  std::byte* to = judge.log().next();
  for (; places != 0; places &= places - 1) {
    const auto place = static_cast<std::size_t>(std::countr_zero(places));
    Asked asked;
    if (!question(place, asked)) continue;
    const std::int64_t holds = limits[place];
    const std::uint64_t head = heads[place] | control_bits;
    std::memcpy(to, &head, sizeof head);
    std::memcpy(to + 8, &asked.usage, sizeof asked.usage);
    std::memcpy(to + 16, &asked.delta, sizeof asked.delta);
    std::memcpy(to + 24, &holds, sizeof holds);
    to += sizeof(CheckResult);
    std::int64_t would_be = 0;
    // Two ways out, so that each is one jump.
    if (__builtin_add_overflow(asked.usage, asked.delta, &would_be)) [[unlikely]] {
      return judge.log().failed_at(to, place);
    }
    if (would_be > holds) [[unlikely]] {
      judge.log().failed_at(to, place);
      return place;
    }
  }
  judge.log().added_up_to(to);
  return kNoPlace;
}

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
