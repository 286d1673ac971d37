#include "app/control_figure.h"

#include "config/limits.h"

namespace portcullis::app {

std::string control_figure(std::string_view control, std::int64_t raw) {
  for (const config::LimitInfo& info : config::limits_table()) {
    if (info.control != control) continue;
    switch (info.kind) {
      case config::LimitKind::kQuantity:
        return Quantity::from_raw(raw).to_string();
      case config::LimitKind::kAmount:
        return Amount::from_raw(raw).to_string();
      case config::LimitKind::kPercent:
        return Price::from_raw(raw).to_string();  // B3 compares prices
      default:
        return std::to_string(raw);
    }
  }
  return std::to_string(raw);
}

}  // namespace portcullis::app
