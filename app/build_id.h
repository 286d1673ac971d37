#pragma once

#include <string>

namespace portcullis::app {

// What the linker calls this program, 40 hexadecimal digits as `readelf -n` shows them: another build, another id.
// Empty where the linker gave none.
std::string build_id();

}  // namespace portcullis::app
