#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace portcullis::app {

// A raw figure of a control's check, in the scale of the limit that it tests; others as whole numbers.
std::string control_figure(std::string_view control, std::int64_t raw);

}  // namespace portcullis::app
