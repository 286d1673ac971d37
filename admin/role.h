#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace portcullis::admin {

// Each role may do what the roles before it may.
enum class Role : std::uint8_t { kViewer, kOperator, kRisk, kAdmin };

// "viewer", "operator", "risk", "admin".
const char* to_text(Role role);
std::optional<Role> parse_role(std::string_view text);

}  // namespace portcullis::admin
