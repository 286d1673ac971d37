#pragma once

#include <memory>
#include <string>

#include "persistence/blotter/store.h"

namespace portcullis::persistence {

// The production blotter, through libpq. New rows of a table are one COPY, changed ones a COPY and an INSERT from what
// it brought: docs/decisions/the-blotter-on-libpq.md.
StoreResult<std::unique_ptr<BlotterStore>> open_postgres(const std::string& url, const std::string& gateway_id);

}  // namespace portcullis::persistence
