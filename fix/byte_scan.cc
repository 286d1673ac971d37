#include "fix/byte_scan.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define PORTCULLIS_AVX2 __attribute__((target("avx2,popcnt")))
#endif

namespace portcullis::fix::byte_scan {

namespace {

constexpr char kSohByte = '\x01';
constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kLowSevens = 0x7f7f7f7f7f7f7f7fULL;

// One bit a byte of `word`: set where the byte is an SOH. No carry goes from one byte to the next.
std::uint64_t soh_bits(std::uint64_t word) {
  word ^= kOnes;                                                                         // SOH becomes zero
  const std::uint64_t zero = ~(((word & kLowSevens) + kLowSevens) | word | kLowSevens);  // 0x80 in each zero byte
  constexpr std::uint64_t kGather = 0x0002040810204081ULL;
  return ((zero >> 7) * (kGather << 7)) >> 56;
}

}  // namespace

namespace portable {

std::size_t mark_soh(std::string_view bytes, std::uint64_t* words) {
  const char* at = bytes.data();
  std::size_t count = 0;
  for (std::size_t left = bytes.size(); left > 0;) {
    std::uint64_t bits = 0;
    const std::size_t here = left < 64 ? left : 64;
    std::size_t i = 0;
    for (; i + 8 <= here; i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at + i, 8);
      bits |= soh_bits(word) << i;
    }
    for (; i < here; ++i) bits |= std::uint64_t{at[i] == kSohByte} << i;
    *words++ = bits;
    count += static_cast<std::size_t>(__builtin_popcountll(bits));
    at += here;
    left -= here;
  }
  return count;
}

std::uint8_t sum(std::string_view bytes) {
  // Eight bytes a step, in four lanes of 16 bits; folded before a lane can overflow.
  constexpr std::uint64_t kLanes = 0x00ff00ff00ff00ffULL;
  constexpr std::size_t kWordsBeforeFold = 128;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t total = 0;
  while (left >= 8) {
    std::uint64_t lanes = 0;
    for (std::size_t i = 0; i < kWordsBeforeFold && left >= 8; ++i) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, 8);
      lanes += (word & kLanes) + ((word >> 8) & kLanes);
      at += 8;
      left -= 8;
    }
    total += (lanes & 0xffff) + ((lanes >> 16) & 0xffff) + ((lanes >> 32) & 0xffff) + (lanes >> 48);
  }
  for (; left > 0; --left) total += static_cast<unsigned char>(*at++);
  return static_cast<std::uint8_t>(total);
}

Tally tally(std::string_view bytes) {
  Tally tally{sum(bytes), 0};
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    tally.sohs += static_cast<std::size_t>(__builtin_popcountll(soh_bits(word)));
  }
  for (; left > 0; --left) tally.sohs += *at++ == kSohByte ? 1 : 0;
  return tally;
}

}  // namespace portable

namespace avx2 {

#if defined(__x86_64__)

bool available() {
  __builtin_cpu_init();  // a program that has not begun yet has not called it
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("popcnt") != 0;
}

namespace {

PORTCULLIS_AVX2 std::uint32_t soh_bits_of_32(__m256i block) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, _mm256_set1_epi8(kSohByte))));
}

PORTCULLIS_AVX2 __m256i load(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

PORTCULLIS_AVX2 std::int64_t sum_of_lanes(__m256i lanes) {
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  return _mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1);
}

// The last bytes of a text, fewer than 32 and `left` of them, with zeros around them. Where the text is long enough its
// last 32 are loaded, and those that were looked at before are masked away.
PORTCULLIS_AVX2 __m256i load_tail(std::string_view bytes, std::size_t left) {
  static constexpr auto kMask = [] {
    std::array<char, 64> mask = {};
    for (std::size_t i = 32; i < mask.size(); ++i) mask[i] = '\xff';
    return mask;
  }();
  const char* const end = bytes.data() + bytes.size();
  if (bytes.size() >= 32) [[likely]] {
    return _mm256_and_si256(load(end - 32), load(kMask.data() + left));
  }
  char block[32] = {};
  std::memcpy(block + 32 - left, end - left, left);
  return load(block);
}

}  // namespace

PORTCULLIS_AVX2 std::size_t mark_soh(std::string_view bytes, std::uint64_t* words) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::size_t count = 0;
  for (; left >= 64; left -= 64, at += 64) {
    *words = soh_bits_of_32(load(at)) | std::uint64_t{soh_bits_of_32(load(at + 32))} << 32;
    count += static_cast<std::size_t>(__builtin_popcountll(*words++));
  }
  if (left == 0) return count;
  std::uint64_t bits = 0;
  std::size_t done = 0;
  if (left >= 32) {
    bits = soh_bits_of_32(load(at));
    done = 32;
  }
  if (const std::size_t rest = left - done; rest > 0) {
    bits |= std::uint64_t{soh_bits_of_32(load_tail(bytes, rest)) >> (32 - rest)} << done;
  }
  *words = bits;
  return count + static_cast<std::size_t>(__builtin_popcountll(bits));
}

PORTCULLIS_AVX2 std::uint8_t sum(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const whole = at + (bytes.size() & ~std::size_t{31});
  const std::size_t left = bytes.size() & 31;
  const __m256i zero = _mm256_setzero_si256();
  __m256i total = zero;  // four sums of 64 bits
  for (; at != whole; at += 32) total = _mm256_add_epi64(total, _mm256_sad_epu8(load(at), zero));
  if (left > 0) total = _mm256_add_epi64(total, _mm256_sad_epu8(load_tail(bytes, left), zero));
  return static_cast<std::uint8_t>(sum_of_lanes(total));
}

PORTCULLIS_AVX2 Tally tally(std::string_view bytes) {
  // Counted in lanes of a byte each.
  constexpr std::size_t kMost = 254 * 32;
  if (bytes.size() > kMost) [[unlikely]] {
    const Tally first = tally(bytes.substr(0, kMost));
    const Tally rest = tally(bytes.substr(kMost));
    return {static_cast<std::uint8_t>(first.sum + rest.sum), first.sohs + rest.sohs};
  }
  const char* at = bytes.data();
  const char* const whole = at + (bytes.size() & ~std::size_t{31});
  const std::size_t left = bytes.size() & 31;
  const __m256i zero = _mm256_setzero_si256();
  const __m256i soh = _mm256_set1_epi8(kSohByte);
  __m256i total = zero;
  __m256i count = zero;  // a byte that is an SOH compares as -1, so what is subtracted counts them
  for (; at != whole; at += 32) {
    const __m256i block = load(at);
    total = _mm256_add_epi64(total, _mm256_sad_epu8(block, zero));
    count = _mm256_sub_epi8(count, _mm256_cmpeq_epi8(block, soh));
  }
  if (left > 0) {
    const __m256i block = load_tail(bytes, left);
    total = _mm256_add_epi64(total, _mm256_sad_epu8(block, zero));
    count = _mm256_sub_epi8(count, _mm256_cmpeq_epi8(block, soh));
  }
  return {static_cast<std::uint8_t>(sum_of_lanes(total)),
          static_cast<std::size_t>(sum_of_lanes(_mm256_sad_epu8(count, zero)))};
}

#else

bool available() {
  return false;
}
std::size_t mark_soh(std::string_view bytes, std::uint64_t* words) {
  return portable::mark_soh(bytes, words);
}
std::uint8_t sum(std::string_view bytes) {
  return portable::sum(bytes);
}
Tally tally(std::string_view bytes) {
  return portable::tally(bytes);
}

#endif

}  // namespace avx2

namespace {

// False until the program has begun, when the portable twin answers.
const bool kHasAvx2 = avx2::available();

}  // namespace

std::size_t mark_soh(std::string_view bytes, std::uint64_t* words) {
  return kHasAvx2 ? avx2::mark_soh(bytes, words) : portable::mark_soh(bytes, words);
}

std::uint8_t sum(std::string_view bytes) {
  return kHasAvx2 ? avx2::sum(bytes) : portable::sum(bytes);
}

Tally tally(std::string_view bytes) {
  return kHasAvx2 ? avx2::tally(bytes) : portable::tally(bytes);
}

}  // namespace portcullis::fix::byte_scan
