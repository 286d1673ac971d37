#pragma once

#include "fix/version.h"
#include "order/reject.h"

// How a refusal is coded for a counterparty. A code that the version's list lacks becomes 0 (broker
// option) in OrdRejReason(103) and 2 (broker option) in CxlRejReason(102); the reason stands in Text(58).

namespace portcullis::fix {

// Our own refusals.
int ord_rej_reason(order::RejectCode code, const VersionFacts& facts);
int cxl_rej_reason(order::RejectCode code, const VersionFacts& facts);

// A broker's code of another version, for a client.
int carried_ord_rej_reason(int reason, const VersionFacts& facts);
int carried_cxl_rej_reason(int reason, const VersionFacts& facts);
// ExecRestatementReason(378); required with ExecType(150)=D: without one or out of the list, "other"
// (99) where there is such a code, else 4 (broker option).
int carried_restatement_reason(int reason, const VersionFacts& facts);

}  // namespace portcullis::fix
