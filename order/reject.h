#pragma once

#include <cstdint>
#include <string_view>

#include "order/types.h"

// A business "no": a value, with a code that each dialect translates to OrdRejReason(103),
// CxlRejReason(102) or BusinessRejectReason(380), and a text for the person who reads it.

namespace portcullis::order {

// Ours, independent of FIX versions; the map of spec "Reject map" is in fix/reject_codes.
enum class RejectCode : std::uint8_t {
  kNone = 0,
  kBadQuantity = 1,          // lot, minimum, step; both or neither of 38 and 152
  kMaxQuantity = 2,
  kMaxNotional = 3,
  kTick = 4,
  kCollar = 5,
  kNoPrice = 6,              // no price, quote or rate where one is needed
  kExposure = 7,             // position, open notional, count, volume, credit
  kNotPermitted = 8,         // entitlement, restricted list
  kUnknownSymbol = 9,
  kUnknownAccount = 10,
  kUnsupported = 11,         // order type, time in force, side, tenor, field value
  kDuplicateClOrdId = 12,
  kStale = 13,
  kThrottled = 14,
  kBreaker = 15,
  kBlocked = 16,             // kill switch, block, reduce only
  kNoRoute = 17,             // no broker is up for it
  kUnknownOrder = 18,        // CxlRejReason 1
  kTooLateToCancel = 19,     // CxlRejReason 0
  kAlreadyPending = 20,      // CxlRejReason 3
  kBrokerDown = 21,          // the order's broker cannot be reached
  kCannotChange = 22,        // a replace that names another side, symbol or account
  kBadField = 23,            // malformed or missing business field
  kHold = 24,                // the gateway holds orders until it has reconciled
  kBrokerRejected = 25,      // the broker's own no
  kStorage = 26,             // disk nearly full: new orders are refused
  kOther = 27,
  kDuplicateOrder = 28,      // too many orders of the same economics in a time
};

// The controls of pre-trade risk by the names of docs/risk.md. kCore: not a risk control.
enum class Control : std::uint8_t {
  kCore = 0,
  kA1, kA2, kA3, kA4, kA5, kA6,
  kB1, kB2, kB3, kB4,
  kC1, kC2, kC3, kC4,
  kD1, kD2, kD3, kD4, kD5, kD6, kD7, kD8, kD9, kD10,
  kE1, kF1, kF2,
};

struct Reject {
  RejectCode code = RejectCode::kNone;
  Control control = Control::kCore;
  std::uint16_t ref_tag = 0;  // the FIX tag at fault, 0 when none
  ReasonText text;            // for Text(58): never a parent node's figure

  explicit operator bool() const { return code != RejectCode::kNone; }
};

std::string_view to_string(RejectCode code);  // "max_quantity"
std::string_view to_string(Control control);  // "B1"

}  // namespace portcullis::order
