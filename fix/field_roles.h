#pragma once

#include <array>
#include <cstdint>

#include "fix/scanner.h"

// Which tags mean something to the scanner itself; for fix/scanner.cc alone.

namespace portcullis::fix {

// What a tag asks of the scanner besides its place in the array.
enum class FieldRole : std::uint8_t {
  kOrdinary,
  kData,  // a data field or its length
  kBeginString,
  kMsgSeqNum,
  kMsgType,
  kPossDup,
  kSenderCompId,
  kSendingTime,
  kTargetCompId,
  kPossResend,
  kOrigSendingTime,
};

inline constexpr std::size_t kRoleCount = static_cast<std::size_t>(FieldRole::kOrigSendingTime) + 1;

// Length field and data field, FIX 4.0 to 5.0 SP2.
struct DataPair {
  std::uint16_t length;
  std::uint16_t data;
};
inline constexpr DataPair kDataPairs[] = {
    {90, 91},     {93, 89},     {95, 96},     {212, 213},   {348, 349},   {350, 351},   {352, 353},   {354, 355},
    {356, 357},   {358, 359},   {360, 361},   {362, 363},   {364, 365},   {445, 446},   {618, 619},   {621, 622},
    {1184, 1185}, {1277, 1278}, {1280, 1281}, {1282, 1283}, {1397, 1398}, {1401, 1402}, {1403, 1404}, {1468, 1469},
};
inline constexpr std::size_t kPairCount = sizeof(kDataPairs) / sizeof(kDataPairs[0]);
static_assert(kPairCount < 32);
inline constexpr std::uint32_t kLastPairedTag = 1469;
static_assert(kLastPairedTag > 122);

// For each tag up to the last: 0 no pair; n the length of pair n - 1; 32 + n the data of pair n - 1.
inline constexpr auto kPairByTag = [] {
  std::array<std::uint8_t, kLastPairedTag + 1> table = {};
  for (std::size_t i = 0; i < kPairCount; ++i) {
    table[kDataPairs[i].length] = static_cast<std::uint8_t>(i + 1);
    table[kDataPairs[i].data] = static_cast<std::uint8_t>(32 + i + 1);
  }
  return table;
}();

inline std::uint8_t pair_code(std::uint32_t tag) {
  return tag <= kLastPairedTag ? kPairByTag[tag] : 0;
}

inline constexpr auto kRoles = [] {
  std::array<FieldRole, kLastPairedTag + 1> table = {};
  for (std::uint32_t tag = 0; tag <= kLastPairedTag; ++tag) {
    if (kPairByTag[tag] != 0) table[tag] = FieldRole::kData;
  }
  table[8] = FieldRole::kBeginString;
  table[34] = FieldRole::kMsgSeqNum;
  table[35] = FieldRole::kMsgType;
  table[43] = FieldRole::kPossDup;
  table[49] = FieldRole::kSenderCompId;
  table[52] = FieldRole::kSendingTime;
  table[56] = FieldRole::kTargetCompId;
  table[97] = FieldRole::kPossResend;
  table[122] = FieldRole::kOrigSendingTime;
  return table;
}();

inline FieldRole role_of(std::uint32_t tag) {
  return tag <= kLastPairedTag ? kRoles[tag] : FieldRole::kOrdinary;
}

}  // namespace portcullis::fix
