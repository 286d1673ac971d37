#pragma once

#include <cstdint>
#include <string_view>

#include "base/decimal.h"
#include "base/fixed_text.h"
#include "base/strong_id.h"
#include "base/time.h"

// The vocabulary of orders: ids and FIX enumerations. Enumerators hold the FIX 4.4 code as a char, so
// that a dialect translates only where a version differs (fix/dialect.h).

namespace portcullis::order {

// Indices of configured things. They are given out once, by name, and stay the same for the life of
// the journal (event NameAdded), whatever the order in the configuration.
using ClientId = StrongId<struct ClientTag, std::uint16_t>;
using AccountId = StrongId<struct AccountTag, std::uint32_t>;
using BrokerId = StrongId<struct BrokerTag, std::uint16_t>;
using SessionId = StrongId<struct SessionTag, std::uint16_t>;
using InstrumentId = StrongId<struct InstrumentTag, std::uint32_t>;
using CurrencyId = StrongId<struct CurrencyTag, std::uint16_t>;
using GroupId = StrongId<struct GroupTag, std::uint16_t>;    // of clients
using TraderId = StrongId<struct TraderTag, std::uint16_t>;  // a trader or a strategy of one client

// Counters of the state: never reused within one journal. OrderNumber and RequestNumber are also the
// places of their entries, so that a message that carries one needs no look-up.
using OrderNumber = StrongId<struct OrderNumberTag, std::uint64_t>;
using RequestNumber = StrongId<struct RequestNumberTag, std::uint64_t>;
using ExecutionNumber = StrongId<struct ExecutionNumberTag, std::uint64_t>;

// ClOrdID(11), OrderID(37), ExecID(17) of others: text, at most 63 bytes; longer is refused by name.
using IdText = FixedText<63>;
// Symbol(55), Account(1), names of the configuration.
using NameText = FixedText<31>;
// Who did it: a user of the admin interface, or of the local command line.
using UserText = FixedText<31>;
// Text(58) that we write, and the prefix of theirs that we keep.
using ReasonText = FixedText<127>;

// Side(54)
enum class Side : char { kBuy = '1', kSell = '2', kSellShort = '5', kSellShortExempt = '6' };

// OrdType(40)
enum class OrdType : char {
  kMarket = '1',
  kLimit = '2',
  kStop = '3',
  kStopLimit = '4',
  kPreviouslyQuoted = 'D',
  kForexSwap = 'G',  // two legs: near in 64, 38, 44; far, the other way round, in 193, 192, 640
};

// TimeInForce(59); absent means day.
enum class TimeInForce : char {
  kDay = '0',
  kGoodTillCancel = '1',
  kAtTheOpening = '2',
  kImmediateOrCancel = '3',
  kFillOrKill = '4',
  kGoodTillDate = '6',
};

// OrdStatus(39)
enum class OrdStatus : char {
  kNew = '0',
  kPartiallyFilled = '1',
  kFilled = '2',
  kDoneForDay = '3',
  kCanceled = '4',
  kReplaced = '5',  // FIX 4.2 and before only; never a state of our own
  kPendingCancel = '6',
  kStopped = '7',
  kRejected = '8',
  kSuspended = '9',
  kPendingNew = 'A',
  kCalculated = 'B',
  kExpired = 'C',
  kAcceptedForBidding = 'D',
  kPendingReplace = 'E',
};

// ExecType(150) as in FIX 4.4; FIX 4.2's pair of ExecTransType(20) and ExecType is brought to it by
// fix/decode.h (1 and 2 become kTrade; 20=1, 2, 3 become kTradeCancel, kTradeCorrect, kOrderStatus).
enum class ExecType : char {
  kNew = '0',
  kDoneForDay = '3',
  kCanceled = '4',
  kReplaced = '5',
  kPendingCancel = '6',
  kStopped = '7',
  kRejected = '8',
  kSuspended = '9',
  kPendingNew = 'A',
  kCalculated = 'B',
  kExpired = 'C',
  kRestated = 'D',
  kPendingReplace = 'E',
  kTrade = 'F',
  kTradeCorrect = 'G',
  kTradeCancel = 'H',
  kOrderStatus = 'I',
  kTriggered = 'L',  // FIX 5.0, in 4.4 by extension pack: a stop has reached the book
};

// Which amount OrderQty(38) is: Currency(15) names the instrument's base or its term currency.
enum class Dealt : std::uint8_t {
  kBase,
  kTerm,
  kTermCash,  // CashOrderQty(152) in the term currency, Side on the base currency
  kUnits,     // of what is no currency: each is worth price x multiplier of the term currency
};

// A condition of a scope, from the mildest; the strongest of all ancestors holds (spec: emergency states).
enum class ScopeState : std::uint8_t { kActive, kReduceOnly, kBlockNew, kCancel, kKilled };

// What a person may do; each role may do what those before it may.
enum class Role : std::uint8_t { kViewer, kOperator, kRisk, kAdmin };

// Where a limit or a state hangs.
enum class Scope : std::uint8_t { kFirm, kGroup, kClient, kAccount, kSession, kTrader, kBroker, kInstrument, kCurrency };

constexpr bool is_buy(Side side) { return side == Side::kBuy; }

// True when the order buys the instrument's base currency: Side(54) refers to the dealt currency
// (FIX glossary, FX), except with CashOrderQty.
constexpr bool buys_base(Side side, Dealt dealt) { return dealt == Dealt::kTerm ? !is_buy(side) : is_buy(side); }

// An order that is over: nothing of it can be executed any more, but a bust, a correction or a late
// fill may still change its executions.
constexpr bool is_terminal(OrdStatus status) {
  return status == OrdStatus::kFilled || status == OrdStatus::kCanceled || status == OrdStatus::kRejected ||
         status == OrdStatus::kExpired || status == OrdStatus::kDoneForDay || status == OrdStatus::kCalculated;
}

std::string_view to_string(Side side);                // "buy"
std::string_view to_string(OrdType type);             // "limit"
std::string_view to_string(TimeInForce tif);          // "gtc"
std::string_view to_string(OrdStatus status);         // "partially_filled"
std::string_view to_string(ExecType type);            // "trade"
std::string_view to_string(ScopeState state);         // "reduce_only"
std::string_view to_string(Scope scope);              // "account"

}  // namespace portcullis::order
