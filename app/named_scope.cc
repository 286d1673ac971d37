#include "app/named_scope.h"

#include <algorithm>
#include <boost/json.hpp>

#include "app/gateway.h"

namespace portcullis::app {
namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Nothing when no order could ever come from this trader.
std::optional<order::NameTrader> naming(const Gateway& gateway, const gateway::State& state, std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view client = name.substr(0, slash);
  const std::string_view trader = name.substr(slash + 1);
  if (trader.empty() || name.size() > order::NameText::kCapacity || !is_printable(trader)) return std::nullopt;
  const auto& clients = gateway.configuration().clients;
  const bool names_traders = std::any_of(clients.begin(), clients.end(), [client](const config::Client& known) {
    return known.id == client && known.trader != config::TraderField::kNone;
  });
  if (!names_traders) return std::nullopt;
  const std::uint32_t index = state.clients.find(client);
  if (index == gateway::NameTable::kUnknown) return std::nullopt;
  return order::NameTrader{order::ClientId(static_cast<order::ClientId::rep>(index)), order::NameText(trader)};
}

}  // namespace

std::optional<NamedScope> named_scope(Gateway& gateway, order::Scope scope, std::string_view name) {
  const gateway::State& state = gateway.core().state();
  const std::optional<NamedScope> known = find_scope(state, scope, name);
  if (known || scope != order::Scope::kTrader) return known;
  const std::optional<order::NameTrader> command = naming(gateway, state, name);
  if (!command) return std::nullopt;
  const boost::json::object record = {{"action", "name_trader"}, {"trader", name}};
  gateway.loop().submit_command(*command, boost::json::serialize(record), nullptr);
  return find_scope(state, scope, name);
}

}  // namespace portcullis::app
