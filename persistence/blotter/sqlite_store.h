#pragma once

#include <memory>
#include <string>

#include "persistence/blotter/store.h"

namespace portcullis::persistence {

// The embedded blotter: one file, write-ahead log, synced at each commit's checkpoint only, since the journal is the
// truth and an older file catches up from it.
StoreResult<std::unique_ptr<BlotterStore>> open_sqlite(const std::string& path);

}  // namespace portcullis::persistence
