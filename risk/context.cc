#include "risk/context.h"

#include <algorithm>

#include "base/check.h"

namespace portcullis::risk {

const Node* Context::first_below(const Scopes::ByLimit<const Node*>& least, Limit limit, std::int64_t wanted) const {
  for (const Path<const Node>* list : {&scopes.crossed, &scopes.nodes}) {
    for (const Node* node : *list) {
      const bool of_broker = node->scope == order::Scope::kBroker;
      if (&least == &scopes.least_beside && of_broker) continue;
      if (&least == &scopes.least_of_broker && !of_broker) continue;
      if (node->limits.stated_here(limit) && node->limits[limit] < wanted) return node;
    }
  }
  return least[static_cast<std::size_t>(limit)];
}

bool reduces(const Context& context, const Exposure& exposure) {
  // A swap brings no position nearer to zero: what its near leg closes, its far leg opens again.
  if (context.unpriced != Unpriced::kNo || context.is_swap) return false;
  const InstrumentExposure& held = exposure.of(context.instrument_id);
  const Wide closable = context.buys_base ? -Wide{held.position.raw()} - held.open_buy.raw()
                                          : Wide{held.position.raw()} - held.open_sell.raw();
  return Wide{context.delta.base.raw()} <= closable;
}

void Judge::refuse(order::RejectCode code, order::Control control, std::uint16_t ref_tag,
                   std::initializer_list<std::string_view> pieces) {
  reject_ = make_reject(code, control, ref_tag, pieces);
}

bool Judge::last_failed_at_broker() const {
  const auto lines = log_.results();
  return !lines.empty() && lines.back().passed == 0 && lines.back().scope == order::Scope::kBroker;
}

order::Reject make_reject(order::RejectCode code, order::Control control, std::uint16_t ref_tag,
                          std::initializer_list<std::string_view> pieces) {
  char text[order::ReasonText::kCapacity];
  std::size_t size = 0;
  const auto append = [&](std::string_view piece) {
    const std::size_t length = std::min(piece.size(), sizeof text - size);
    piece.copy(text + size, length);
    size += length;
  };
  append("RISK-");
  append(RawText(static_cast<std::int64_t>(code), 0).view());
  append(" ");
  append(order::to_string(control));
  append(": ");
  for (const std::string_view piece : pieces) append(piece);
  order::Reject reject;
  reject.code = code;
  reject.control = control;
  reject.ref_tag = ref_tag;
  reject.text = order::ReasonText(std::string_view(text, size));
  return reject;
}

std::string_view name_of(order::Scope scope) {
  return order::to_string(scope);
}

LimitText::LimitText(const Node& node, Limit limit) {
  const auto append = [this](std::string_view piece) {
    const std::size_t length = std::min(piece.size(), sizeof text_ - size_);
    piece.copy(text_ + size_, length);
    size_ += length;
  };
  const bool own = node.scope == order::Scope::kAccount || node.scope == order::Scope::kClient;
  if (!own || !node.limits.stated_here(limit)) {
    append("a limit of the ");
    append(name_of(node.scope));
    return;
  }
  int scale = 0;
  switch (config::limit_info(limit).kind) {
    case config::LimitKind::kQuantity:
      scale = Quantity::kScale;
      break;
    case config::LimitKind::kAmount:
      scale = Amount::kScale;
      break;
    case config::LimitKind::kPercent:
      scale = config::Percent::kScale;
      break;
    case config::LimitKind::kDuplicateOrders:
      append("the ");
      append(name_of(node.scope));
      append("'s limit ");
      append(RawText(node.limits[limit] >> 32, 0).view());
      append(" in ");
      append(RawText(node.limits[limit] & 0xffffffff, 3).view());
      append(" s");
      return;
    case config::LimitKind::kCount:
    case config::LimitKind::kOrderTypes:
    case config::LimitKind::kTimesInForce:
      break;
  }
  append("the ");
  append(name_of(node.scope));
  append("'s limit ");
  append(RawText(node.limits[limit], scale).view());
}

}  // namespace portcullis::risk
