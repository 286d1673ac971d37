#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "fix/field_roles.h"
#include "fix/scanner.h"

// What the scanner expects of a message, from those that came before; for fix/scanner.cc alone.

namespace portcullis::fix {

// Who sends a message of a type mostly sends the same fields again: of the one before are kept how each field begins, by
// type and number of fields, on each thread. Where all fields begin so, all are known by one comparison of each; any
// other message is read as it comes. It changes what a scan costs and never what it finds.
struct Beginning {
  std::uint64_t text = 1;  // "55=": at most eight bytes, zeros behind; without a mask none begins so
  std::uint64_t mask = 0;
  std::uint64_t size = 0;
  std::uint64_t tag = 0;  // as wide as a RawField's tag and its note, so that one store gives both
};

struct ScannedMessage::Expected {
  static constexpr std::size_t kMost = 40;
  static constexpr std::uint16_t kNowhere = kMaxFields;
  std::array<Beginning, kMost + 2> fields = {};       // one behind the last, and one that stands nowhere, are none
  std::array<std::uint16_t, kRoleCount> places = {};  // where the header's fields stand
  bool flags = false;                                 // whether PossDupFlag(43) or PossResend(97) is one of them
  std::size_t count = 0;
  std::uint64_t layout = 0;
  std::uint32_t missed = 0;  // so many messages in turn had other fields
};

using Expected = ScannedMessage::Expected;

inline constexpr std::uint32_t kMissesBeforeOthers = 2;  // so that two senders in turn do not drive each other out
inline constinit thread_local std::array<Expected, 32> g_expected;
// How many this thread has ever expected: a layout's number is not given again.
inline constinit thread_local std::uint64_t g_layouts = 0;

// By the version's digit and MsgType(35), where they stand in nearly all messages, and the number of fields.
inline Expected& expected_for(std::string_view frame, std::uint64_t marks, std::size_t fields) {
  marks &= marks - 1;  // behind the second SOH
  std::size_t slot = fields * 3;
  if (frame.size() > 64 + 5 && marks != 0) [[likely]] {
    const char* const type = frame.data() + __builtin_ctzll(marks) + 4;
    const auto byte = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c)); };
    slot += byte(type[0]) + byte(type[1]) * 5 + byte(frame.data()[8]) * 2;
  }
  return g_expected[slot % g_expected.size()];
}

inline constexpr std::size_t kCheckSumBytes = 7;  // "10=nnn" and an SOH

// Whether nothing but one CheckSum(10) of three digits stands behind the last SOH but one.
inline bool ends_with_checksum(std::string_view frame) {
  if (frame.size() <= kCheckSumBytes) return false;
  std::uint64_t word = 0;
  std::memcpy(&word, frame.data() + frame.size() - sizeof word, sizeof word);
  // Each digit's value is below ten when six more stay below sixteen.
  constexpr std::uint64_t kEnd = 0x010000003d303101ULL;  // SOH, "10=", and an SOH
  constexpr std::uint64_t kZeros = 0x0030303000000000ULL;
  constexpr std::uint64_t kSixes = 0x0006060600000000ULL;
  const std::uint64_t values = word ^ kEnd ^ kZeros;
  return ((values | (values + kSixes)) & ~0x000f0f0f00000000ULL) == 0;
}

// What comes in a frame from 8 to 10 is learned.
inline void expect_again(Expected& expected, std::string_view frame, std::span<const RawField> fields) {
  if (++expected.missed < kMissesBeforeOthers || fields.size() > Expected::kMost) return;
  if (fields.front().tag != 8 || !ends_with_checksum(frame)) return;
  expected = Expected();
  expected.count = fields.size();
  expected.layout = ++g_layouts;
  expected.places.fill(Expected::kNowhere);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Beginning& field = expected.fields[i];
    field.tag = fields[i].tag;
    expected.places[static_cast<std::size_t>(role_of(fields[i].tag))] = static_cast<std::uint16_t>(i);
    field.size = 1;
    for (std::uint32_t tag = fields[i].tag; tag > 0; tag /= 10) ++field.size;
    field.mask = ~std::uint64_t{0} >> 8 * (sizeof field.mask - field.size);
    std::memcpy(&field.text, fields[i].value.data() - field.size, field.size);
    field.text &= field.mask;
  }
  const auto stands = [&expected](FieldRole role) { return expected.places[static_cast<std::size_t>(role)] != Expected::kNowhere; };
  expected.flags = stands(FieldRole::kPossDup) || stands(FieldRole::kPossResend);
}

}  // namespace portcullis::fix
