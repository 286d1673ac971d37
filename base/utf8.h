#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// FIX text is bytes in whatever encoding a peer chose; JSON, browsers and databases take UTF-8 alone.

namespace portcullis {

// Length of the well-formed UTF-8 sequence at the start of `bytes`, which is not empty; 0: there is none
// (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view bytes);

// The same text with '?' for each byte that is not part of a well-formed sequence.
std::string valid_utf8(std::string text);

}  // namespace portcullis
