#pragma once

#include <string_view>

#include "base/sha256.h"
#include "gateway/decide.h"

// The audit trail: one line an operator's command, whatever came of it, and one a configuration, chained by digests
// (order::Audited). The commands' whole text is the record's input, whose digest the line holds.

namespace portcullis::gateway {

// Writes the line for this input; nothing for inputs that are nobody's action.
void write_audit(Deciding& d, const Input& input, const order::Reject& reject);

// What the line's digest must be, behind a line of digest `before`.
Sha256 audit_digest(const Sha256& before, const order::Audited& line);
// What its content must be.
Sha256 audit_content(std::string_view input);

}  // namespace portcullis::gateway
