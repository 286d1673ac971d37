#include "risk/checks/registry.h"

// A4: a ClOrdID is used once by a session on a trade date. The caller holds the identifiers and has looked.

namespace portcullis::risk {

bool check_a4_duplicate(const Context& context, Judge& judge) {
  const bool fresh = !context.duplicate_cl_ord_id;
  judge.record(order::Control::kA4, order::Scope::kSession, context.session_id.value(), fresh ? 0 : 1, 0, fresh);
  if (fresh) return true;
  judge.refuse(order::RejectCode::kDuplicateClOrdId, order::Control::kA4, 11, {"ClOrdID(11) was used before"});
  return false;
}

}  // namespace portcullis::risk
