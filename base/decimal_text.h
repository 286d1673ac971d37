#pragma once

#include <cstdint>

// What decimal_detail::format() (base/decimal.h) writes with as few decimals as there are, for who knows the scale where
// it is compiled. `out` holds at least 32 bytes; each returns where the text ends.

namespace portcullis::decimal_detail {

char* put_number(char* out, std::int64_t value);
char* put_quantity(char* out, std::int64_t raw);
char* put_price(char* out, std::int64_t raw);

}  // namespace portcullis::decimal_detail
