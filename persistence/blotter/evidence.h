#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "order/events.h"
#include "persistence/blotter/rows.h"

// The checks of a decision as the blotter keeps them, and what readers get of that.
//
// A row of check_plans has which checks were made, with their limits: JSON, [[control, scope, id, limit, counts], …];
// `counts` is true where the figures are use of a limit, and not a state, a permission, a set of types, or a price
// beside its collar. A decision's column `checks` has its figures in the same order: for each check
//
//   usage delta [limit] [!] ;
//
// decimal, raw in the limit's own scale; the limit only where it is another one than the plan's, and '!' where the
// check did not pass. "0 5000000;0 5500000 900000000!;" are two checks, the second of which refused under a limit of
// its own.

namespace portcullis::persistence {

// The lines that stand behind the first `head` bytes of an event. Copied out, since the bytes of a record are not
// aligned for them.
void read_checks(const order::EventView& event, std::size_t head, std::vector<order::CheckResult>& checks);
// What a line is about: control, scope and node.
inline std::uint64_t key_of(const order::CheckResult& check) {
  return std::uint64_t{static_cast<std::uint8_t>(check.control)} << 48 |
         std::uint64_t{static_cast<std::uint8_t>(check.scope)} << 32 | check.node;
}

// Whether the figures of this control's checks are use of a limit.
bool counts_as_use(order::Control control);
// What was asked of the limit in thousandths of it, rounded up; 0 for less than nothing, at most 1,000,000.
std::int64_t thousandths_of(std::int64_t usage, std::int64_t delta, std::int64_t limit);

// One check more, at the end of a decision's `checks`: returns the new end. It needs so much room at most: three
// numbers of 20 characters, what stands between and behind them, and what a number writes beyond its end.
inline constexpr std::size_t kMostOfACheck = 80;
char* put_check(char* at, const order::CheckResult& check, std::int64_t limit_of_plan);

// The limits of a row of check_plans, of so many checks.
Result<std::vector<std::int64_t>> limits_of(const std::string& plan, std::size_t checks);

// Fills in what a reader is shown and what is not kept: `checks` and `tightest` as JSON, and of an accepted decision
// the check that came nearest to its limit. `plan` is the row that row.check_plan names. An error says what was not as
// this file writes it.
Status show_checks(const std::string& plan, DecisionRow& row);

}  // namespace portcullis::persistence
