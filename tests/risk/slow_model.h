#pragma once

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "order/types.h"

// A model of risk that keeps no sums: every figure is worked out anew from the list of orders and
// executions, in arithmetic of its own. Slow, exact, and written apart from the engine.

namespace portcullis::risk {

// n / d rounded up, for n >= 0.
inline Wide ceiling(Wide n, Wide d) {
  return (n + d - 1) / d;
}

// n / d rounded half to even, for n >= 0.
inline Wide nearest(Wide n, Wide d) {
  const Wide q = n / d;
  const Wide twice = (n % d) * 2;
  return twice > d || (twice == d && q % 2 != 0) ? q + 1 : q;
}

struct ModelQuote {
  Wide bid;
  Wide ask;
};

struct ModelTerms {
  Wide quantity = 0;  // 10^-3
  Wide limit = 0;     // 10^-8, zero: market
  Wide bound = 0;     // 10^-8
  Wide rate = 0;      // 10^-12
};

struct ModelNeed {
  Wide base = 0;      // 10^-3
  Wide term = 0;      // 10^-2
  Wide notional = 0;  // 10^-2
};

struct ModelFill {
  Wide base = 0;
  Wide base_cents = 0;
  Wide term = 0;
  Wide traded = 0;
  bool busted = false;
};

struct ModelOrder {
  int account = 0;
  int instrument = 0;
  bool buys = true;
  bool in_base = true;
  bool open = false;
  Wide cum = 0;
  std::vector<ModelTerms> terms;
  std::vector<ModelFill> fills;
};

inline Wide bound_of(bool buys, bool in_base, Wide limit, const ModelQuote& quote) {
  // One percent of buffer: 101/100 and 99/100.
  const Wide high = ceiling(quote.ask * 101, 100);
  const Wide low = quote.bid * 99 / 100;
  if (in_base) {
    if (limit == 0) return high;
    return buys ? limit : std::max(limit, high);
  }
  if (limit == 0) return low;
  return buys ? std::min(limit, low) : limit;
}

inline ModelNeed need_of(const ModelOrder& order, const ModelTerms& terms, Wide cum) {
  const Wide left = std::max<Wide>(0, terms.quantity - cum);
  ModelNeed need;
  need.notional = ceiling(left * terms.rate, pow10(13));
  if (order.in_base) {
    need.base = left;
    need.term = ceiling(left * terms.bound, pow10(9));
  } else {
    need.base = ceiling(left * pow10(7), terms.bound) * 10;
    need.term = ceiling(left, 10);
  }
  return need;
}

inline ModelNeed need_of(const ModelOrder& order) {
  ModelNeed need;
  if (!order.open) return need;
  for (const ModelTerms& terms : order.terms) {
    const ModelNeed one = need_of(order, terms, order.cum);
    need.base = std::max(need.base, one.base);
    need.term = std::max(need.term, one.term);
    need.notional = std::max(need.notional, one.notional);
  }
  return need;
}

struct ModelLimits {
  Wide quantity;
  Wide notional;
  Wide gross;
  Wide position;  // long and short alike
  Wide orders;
};

inline constexpr int kAccounts = 3;
inline constexpr int kInstruments = 3;
inline constexpr int kCurrencies = 4;
inline constexpr int kBase[kInstruments] = {1, 2, 2};
inline constexpr int kTerm[kInstruments] = {0, 0, 3};
inline constexpr int kClientOf[kAccounts] = {0, 0, 1};

// The scopes as predicates: which orders belong to them.
struct ModelScope {
  order::Scope scope;
  int id;
  bool has(const ModelOrder& order) const {
    switch (scope) {
      case order::Scope::kAccount:
        return order.account == id;
      case order::Scope::kClient:
        return kClientOf[order.account] == id;
      case order::Scope::kInstrument:
        return order.instrument == id;
      default:
        return true;  // the firm, and the one broker that all orders go to
    }
  }
};

inline const std::vector<ModelScope>& all_scopes() {
  static const std::vector<ModelScope> kAll = [] {
    std::vector<ModelScope> scopes = {{order::Scope::kFirm, 0}, {order::Scope::kBroker, 0}};
    for (int i = 0; i < kAccounts; ++i) scopes.push_back({order::Scope::kAccount, i});
    for (int i = 0; i < 2; ++i) scopes.push_back({order::Scope::kClient, i});
    for (int i = 0; i < kInstruments; ++i) scopes.push_back({order::Scope::kInstrument, i});
    return scopes;
  }();
  return kAll;
}

class Model {
 public:
  std::vector<ModelOrder> orders;
  std::map<std::pair<order::Scope, int>, ModelLimits> limits;
  ModelQuote quotes[kInstruments];
  Wide rates[kCurrencies];

  Wide open_base(const ModelScope& scope, int instrument, bool buys) const {
    Wide sum = 0;
    for (const ModelOrder& order : orders) {
      if (scope.has(order) && order.instrument == instrument && order.buys == buys) sum += need_of(order).base;
    }
    return sum;
  }
  Wide position(const ModelScope& scope, int instrument) const {
    Wide sum = 0;
    for (const ModelOrder& order : orders) {
      if (!scope.has(order) || order.instrument != instrument) continue;
      for (const ModelFill& fill : order.fills) sum += fill.busted ? 0 : fill.base;
    }
    return sum;
  }
  Wide gross(const ModelScope& scope) const {
    Wide sum = 0;
    for (const ModelOrder& order : orders) sum += scope.has(order) ? need_of(order).notional : 0;
    return sum;
  }
  Wide count(const ModelScope& scope) const {
    return std::count_if(orders.begin(), orders.end(),
                         [&](const ModelOrder& order) { return order.open && scope.has(order); });
  }

  // Whether an order may take `extra`; `largest`, its quantity and value in full, only where they count.
  bool passes(const ModelOrder& order, const ModelNeed& extra, Wide full_base, Wide full_notional, bool is_new,
              bool tests_base, bool tests_notional) const {
    for (const ModelScope& scope : all_scopes()) {
      if (!scope.has(order)) continue;
      const ModelLimits& limit = limits.at({scope.scope, scope.id});
      if (tests_base && full_base > limit.quantity) return false;
      if (tests_notional && full_notional > limit.notional) return false;
      if (is_new && count(scope) + 1 > limit.orders) return false;
      if (extra.notional > 0 && gross(scope) + extra.notional > limit.gross) return false;
      if (extra.base > 0) {
        const Wide held = position(scope, order.instrument);
        const Wide worst = (order.buys ? held : -held) + open_base(scope, order.instrument, order.buys) + extra.base;
        if (worst > limit.position) return false;
      }
    }
    return true;
  }
};

}  // namespace portcullis::risk
