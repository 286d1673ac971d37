#pragma once

#include "gateway/decide.h"

// Start-of-day positions: a file that somebody has signed takes the place of what is held (spec/risk section 2, "Day
// roll"). All of it or nothing: it is of this trade date, before the first execution, and speaks of every account and
// instrument in which anything is held. What differs is booked as an adjustment (PositionAdjusted), one event a line,
// all in one record; no broker's sums move.

namespace portcullis::gateway {

// A refusal raises an alert too: whoever waits for the file must know.
order::Reject decide_start_positions(Deciding& d, const order::StartPositions& command);

}  // namespace portcullis::gateway
