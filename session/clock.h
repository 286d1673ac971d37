#pragma once

#include "base/time.h"

// The edges read the clocks; the core is told.

namespace portcullis::session {

SteadyTime steady_now();
UtcTime utc_now();

}  // namespace portcullis::session
