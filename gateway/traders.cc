#include "gateway/traders.h"

#include <array>

#include "gateway/client_requests.h"
#include "gateway/decide.h"

namespace portcullis::gateway {
namespace {

using order::Control;
using order::NameText;
using order::Reject;
using order::RejectCode;

constexpr std::uint32_t kMaxTraders = 50'000;  // of all clients, for the life of the journal

// "CLIENT/TRADER", the name of a trader's scope.
class TraderName {
 public:
  TraderName(const State& state, ClientId client, std::string_view trader) {
    const std::string_view owner = state.clients[client.value()].name.view();
    if (owner.size() + 1 + trader.size() > NameText::kCapacity) return;
    size_ = owner.copy(text_.data(), owner.size());
    text_[size_++] = '/';
    size_ += trader.copy(text_.data() + size_, trader.size());
  }
  bool fits() const { return size_ != 0; }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, NameText::kCapacity> text_;
  std::size_t size_ = 0;
};

// False: there is nothing to name, or no room.
bool name_trader(Deciding& d, ClientId client, std::string_view trader) {
  const TraderName name(d.state, client, trader);
  if (!name.fits() || d.state.traders.size() >= kMaxTraders) return false;
  if (d.state.traders.find(name.view(), client.value(), 0) != NameTable::kUnknown) return false;
  order::NameAdded event{};
  event.name = order::NameText(name.view());
  event.index = d.state.traders.size();
  event.owner = client.value();
  event.kind = order::NameKind::kTrader;
  d.events.add(event);
  return true;
}

}  // namespace

bool resolve_trader(const State& state, ClientId client, std::string_view text, order::TraderId& trader) {
  if (text.empty()) return true;
  const TraderName name(state, client, text);
  const std::uint32_t index = name.fits() ? state.traders.find(name.view(), client.value(), 0) : NameTable::kUnknown;
  if (index == NameTable::kUnknown) return false;
  trader = order::TraderId(static_cast<order::TraderId::rep>(index));
  return true;
}

Reject unknown_trader(const State& state, ClientId client, std::string_view text) {
  const bool fits = TraderName(state, client, text).fits();
  return reject(RejectCode::kNotPermitted,
                fits ? "RISK-A2 more traders than this gateway keeps" : "RISK-A2 the trader's name is too long", 50,
                Control::kA2);
}

bool decide_trader(Deciding& d, const order::NewOrderSingle& command) {
  if (command.trader.empty()) return false;
  return name_trader(d, d.state.sessions[command.context.session.value()].client, command.trader);
}

Reject decide_trader(Deciding& d, const order::NameTrader& command) {
  if (command.trader.empty() || command.client.value() >= d.state.clients.size() ||
      !name_trader(d, command.client, command.trader.view())) {
    return reject(RejectCode::kOther, "the trader has a name already, or cannot be named");
  }
  return {};
}

}  // namespace portcullis::gateway
