#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fix/dialect.h"
#include "order/outbound.h"

// Writes what the core wants said, in a counterparty's dialect, into the caller's buffer: names mapped,
// versions' differences brought in, uninterpreted fields passed through (fix/pass_through.h). Does not
// allocate. The returned view is the whole message; it is empty when the buffer is smaller than
// render_bound() or a text of ours holds an SOH, which is a programmer's mistake.

namespace portcullis::fix {

// Bytes that are enough for a message with these fields to pass on.
std::size_t render_bound(std::span<const RawField> fields);

// SendingTime(52) is `now`; a zero transact_time is written as `now`, too.
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundNewOrder& order, std::span<char> buffer);
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundCancel& cancel, std::span<char> buffer);
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundReplace& replace, std::span<char> buffer);
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundStatusRequest& request, std::span<char> buffer);
// Only for a dialect whose facts().mass_status_request is true.
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundMassStatusRequest& request, std::span<char> buffer);
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundMassCancel& request, std::span<char> buffer);
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundExecutionReport& report, std::span<char> buffer);
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundCancelReject& reject, std::span<char> buffer);
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundBusinessReject& reject, std::span<char> buffer);

// AvgPx(6): value (sum of quantity * price at 10^-11) over CumQty, half to even at `decimals` places.
// Zero when nothing has executed; nothing when it does not fit a Price.
std::optional<Price> average_price(Wide value, Quantity cum_qty, int decimals);

}  // namespace portcullis::fix
