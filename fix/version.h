#pragma once

#include <cstdint>
#include <string_view>

#include "config/config.h"

// What differs between the FIX versions, as one row of facts each; the code asks the facts, never the
// version. Sources: the specification, volume 4 and appendix D of 4.2, and docs/fix.md.

namespace portcullis::fix {

using config::FixVersion;

struct VersionFacts {
  FixVersion version;
  std::string_view begin_string;      // BeginString(8)
  std::string_view dictionary_file;   // of the built-in data dictionaries
  bool exec_trans_type;               // ExecTransType(20) is required; fills are ExecType(150) 1 and 2
  bool ord_status_replaced;           // OrdStatus(39)=5 exists
  bool handl_inst_required;           // HandlInst(21) in D and G
  bool mass_status_request;           // OrderMassStatusRequest(AF)
  bool last_qty_always;               // tags 32 and 31 are written in every report, 0 unless it is a fill
  std::uint32_t ord_rej_reasons;      // bit n: the code n is in OrdRejReason(103)
  std::uint32_t cxl_rej_reasons;      // of CxlRejReason(102)
  std::uint32_t restatement_reasons;  // of ExecRestatementReason(378)
  bool reject_reason_other;           // 99 (other) is in 103 and 102
};

// Null for a version that is not supported yet.
const VersionFacts* version_facts(FixVersion version);

}  // namespace portcullis::fix
