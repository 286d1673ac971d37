#include "fix/render.h"

#include <limits>

#include "fix/render/composer.h"
#include "fix/render/messages.h"

namespace portcullis::fix {

namespace {

template <typename Message>
std::string_view compose(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now, const Message& message,
                         std::span<char> buffer) {
  Composer composer(dialect, messages::kind_of(message), msg_seq_num, now, buffer);
  messages::write(composer, message, now);
  return composer.finish();
}

}  // namespace

std::size_t render_bound(std::span<const RawField> fields) {
  // Header, ids of at most 63 bytes, names, decimals, texts and a dialect's additions.
  constexpr std::size_t kOwnFields = 8192;
  constexpr std::size_t kPerField = 12;  // tag, '=', SOH
  std::size_t bound = kOwnFields;
  for (const RawField& field : fields) bound += field.value.size() + kPerField;
  return bound;
}

std::optional<Price> average_price(Wide value, Quantity cum_qty, int decimals) {
  if (!cum_qty.is_positive()) return Price();
  // value is at 10^-11 and CumQty at 10^-3, so the quotient stands at 10^-8, Price's own scale.
  if (decimals == Price::kScale && value >= 0 && value <= std::numeric_limits<std::int64_t>::max()) [[likely]] {
    const std::int64_t quotient = static_cast<std::int64_t>(value) / cum_qty.raw();
    const std::int64_t distance = static_cast<std::int64_t>(value) % cum_qty.raw();
    const std::int64_t rest = cum_qty.raw() - distance;
    const bool up = distance > rest || (distance == rest && quotient % 2 != 0);
    return Price::from_raw(quotient + (up ? 1 : 0));
  }
  const Wide unit = pow10(Price::kScale - decimals);
  const Wide rounded = divide(value, Wide{cum_qty.raw()} * unit, Rounding::kHalfEven) * unit;
  const std::optional<std::int64_t> raw = narrow(rounded);
  if (!raw) return std::nullopt;
  return Price::from_raw(*raw);
}

std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundNewOrder& order, std::span<char> buffer) {
  return compose(dialect, msg_seq_num, now, order, buffer);
}
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundReplace& replace, std::span<char> buffer) {
  return compose(dialect, msg_seq_num, now, replace, buffer);
}
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundCancel& cancel, std::span<char> buffer) {
  return compose(dialect, msg_seq_num, now, cancel, buffer);
}
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundStatusRequest& request, std::span<char> buffer) {
  return compose(dialect, msg_seq_num, now, request, buffer);
}
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundMassStatusRequest& request, std::span<char> buffer) {
  return compose(dialect, msg_seq_num, now, request, buffer);
}
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundMassCancel& request, std::span<char> buffer) {
  return compose(dialect, msg_seq_num, now, request, buffer);
}
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundExecutionReport& report, std::span<char> buffer) {
  return compose(dialect, msg_seq_num, now, report, buffer);
}
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundCancelReject& reject, std::span<char> buffer) {
  return compose(dialect, msg_seq_num, now, reject, buffer);
}
std::string_view render(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now,
                        const order::OutboundBusinessReject& reject, std::span<char> buffer) {
  return compose(dialect, msg_seq_num, now, reject, buffer);
}

}  // namespace portcullis::fix
