#pragma once

#include <memory>
#include <string>

#include "persistence/blotter/store.h"

namespace portcullis::persistence {

// The production blotter, through libpqxx. A statement takes all rows of a table as arrays, one for each column, so
// that a batch costs one round trip a table.
StoreResult<std::unique_ptr<BlotterStore>> open_postgres(const std::string& url, const std::string& gateway_id);

}  // namespace portcullis::persistence
