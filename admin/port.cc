#include "admin/port.h"

#include <array>

namespace portcullis::admin {

namespace {
constexpr std::array<const char*, 4> kRoleNames = {"viewer", "operator", "risk", "admin"};
}

const char* to_text(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}

std::optional<Role> parse_role(std::string_view text) {
  for (std::size_t i = 0; i < kRoleNames.size(); ++i) {
    if (text == kRoleNames[i]) return static_cast<Role>(i);
  }
  return std::nullopt;
}

}  // namespace portcullis::admin
