#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// The two things that are asked of every byte of a message: is it an SOH, and what do all of them add up to. In steps
// of 32 bytes where the processor has AVX2, which is looked up once at run time, and of 8 bytes elsewhere. Both twins
// give the same answers for any bytes (tests/fix/byte_scan_test.cc) and read nothing outside `bytes`.

namespace portcullis::fix::byte_scan {

// Bit b of word w is set when byte 64 * w + b is an SOH; `words` holds (bytes.size() + 63) / 64, all of them written.
// Returns how many there are.
std::size_t mark_soh(std::string_view bytes, std::uint64_t* words);
// The sum of all bytes modulo 256.
std::uint8_t sum(std::string_view bytes);

// Both answers about a message that has been written: its sum, and how many SOHs it has.
struct Tally {
  std::uint8_t sum = 0;
  std::size_t sohs = 0;
  friend bool operator==(const Tally&, const Tally&) = default;
};
Tally tally(std::string_view bytes);

// The twins, for the functions above and for the test that holds them together.
namespace portable {
std::size_t mark_soh(std::string_view bytes, std::uint64_t* words);
std::uint8_t sum(std::string_view bytes);
Tally tally(std::string_view bytes);
}  // namespace portable
namespace avx2 {
bool available();  // the others must not be called where it is false
std::size_t mark_soh(std::string_view bytes, std::uint64_t* words);
std::uint8_t sum(std::string_view bytes);
Tally tally(std::string_view bytes);
}  // namespace avx2

}  // namespace portcullis::fix::byte_scan
