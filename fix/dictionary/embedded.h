#pragma once

#include <string_view>

namespace portcullis::fix {

// The XML text of a built-in data dictionary by its file name, "FIX42.xml" or "FIX44.xml"; empty when there is
// none of that name. The text lives as long as the process.
std::string_view embedded_dictionary(std::string_view file_name);

}  // namespace portcullis::fix
