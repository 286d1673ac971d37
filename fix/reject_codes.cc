#include "fix/reject_codes.h"

namespace portcullis::fix {

namespace {

using order::RejectCode;

// In FIX 4.4's codes; docs/fix.md has the table for people.
struct Coding {
  RejectCode code;
  int ord_rej_reason;
  int cxl_rej_reason;
};
constexpr Coding kCodings[] = {
    {RejectCode::kBadQuantity, 13, 99},    {RejectCode::kMaxQuantity, 3, 2},     {RejectCode::kMaxNotional, 3, 2},
    {RejectCode::kTick, 99, 99},           {RejectCode::kCollar, 99, 99},        {RejectCode::kNoPrice, 99, 99},
    {RejectCode::kExposure, 3, 2},         {RejectCode::kNotPermitted, 0, 2},    {RejectCode::kUnknownSymbol, 1, 2},
    {RejectCode::kUnknownAccount, 15, 2},  {RejectCode::kUnsupported, 11, 2},    {RejectCode::kDuplicateClOrdId, 6, 6},
    {RejectCode::kStale, 8, 99},           {RejectCode::kThrottled, 99, 99},     {RejectCode::kBreaker, 0, 2},
    {RejectCode::kBlocked, 0, 2},          {RejectCode::kNoRoute, 99, 99},       {RejectCode::kUnknownOrder, 5, 1},
    {RejectCode::kTooLateToCancel, 99, 0}, {RejectCode::kAlreadyPending, 99, 3}, {RejectCode::kBrokerDown, 99, 99},
    {RejectCode::kCannotChange, 99, 99},   {RejectCode::kBadField, 99, 99},      {RejectCode::kHold, 99, 99},
    {RejectCode::kBrokerRejected, 99, 99}, {RejectCode::kStorage, 99, 99},       {RejectCode::kDuplicateOrder, 6, 6},
    {RejectCode::kOther, 99, 99},
};

constexpr int kOther = 99;

const Coding& coding(RejectCode code) {
  for (const Coding& candidate : kCodings) {
    if (candidate.code == code) return candidate;
  }
  return kCodings[sizeof(kCodings) / sizeof(kCodings[0]) - 1];
}

bool listed(int reason, std::uint32_t bits, bool other) {
  if (reason == kOther) return other;
  return reason >= 0 && reason < 32 && (bits >> reason & 1) != 0;
}

}  // namespace

int carried_ord_rej_reason(int reason, const VersionFacts& facts) {
  return listed(reason, facts.ord_rej_reasons, facts.reject_reason_other) ? reason : 0;
}

int carried_cxl_rej_reason(int reason, const VersionFacts& facts) {
  return listed(reason, facts.cxl_rej_reasons, facts.reject_reason_other) ? reason : 2;
}

int carried_restatement_reason(int reason, const VersionFacts& facts) {
  if (listed(reason, facts.restatement_reasons, facts.reject_reason_other)) return reason;
  return facts.reject_reason_other ? kOther : 4;
}

int ord_rej_reason(RejectCode code, const VersionFacts& facts) {
  return carried_ord_rej_reason(coding(code).ord_rej_reason, facts);
}

int cxl_rej_reason(RejectCode code, const VersionFacts& facts) {
  return carried_cxl_rej_reason(coding(code).cxl_rej_reason, facts);
}

}  // namespace portcullis::fix
