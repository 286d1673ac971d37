#include "config/breakers.h"

namespace portcullis::config {

std::string_view to_text(Response response) {
  static constexpr std::array<std::string_view, 5> kNames = {"off", "warn", "slow", "reduce_only", "block_new"};
  return kNames[static_cast<std::size_t>(response)];
}

std::string_view to_text(ResponseScope scope) {
  static constexpr std::array<std::string_view, 4> kNames = {"firm", "client", "account", "broker"};
  return kNames[static_cast<std::size_t>(scope)];
}

}  // namespace portcullis::config
