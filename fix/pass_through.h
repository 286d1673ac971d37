#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fix/dialect.h"
#include "fix/encode.h"
#include "fix/tag_set.h"
#include "order/commands.h"

// What the gateway does not interpret travels on: bytes as they stood, groups whole, where the target
// message has the field in its version and the dialect does not drop it.

namespace portcullis::fix {

// One message to a counterparty: writes only what that version's message has and the dialect does not
// drop. Fields that the dialect adds take the place of ours.
class Composer {
 public:
  Composer(const Dialect& dialect, std::string_view msg_type, std::uint64_t msg_seq_num, UtcTime now,
           std::span<char> buffer);

  bool has(std::uint32_t tag) const;
  void text(std::uint32_t tag, std::string_view value) {
    if (!value.empty() && writes(tag)) writer_.text(tag, value);
  }
  void character(std::uint32_t tag, char value) {
    if (writes(tag)) writer_.character(tag, value);
  }
  void number(std::uint32_t tag, std::int64_t value) {
    if (writes(tag)) writer_.number(tag, value);
  }
  template <int Scale, typename Tag>
  void decimal(std::uint32_t tag, Decimal<Scale, Tag> value) {
    if (writes(tag)) writer_.decimal(tag, value);
  }
  void timestamp(std::uint32_t tag, UtcTime value) {
    if (writes(tag)) writer_.timestamp(tag, value, dialect_.time_precision());
  }
  void date(std::uint32_t tag, Date value) {
    if (writes(tag)) writer_.date(tag, value);
  }

  // The source's fields that are not in `interpreted`.
  void pass_through(std::span<const RawField> source, const TagSet& interpreted);
  // What the dialect adds to orders.
  void additions();

  std::string_view finish() { return writer_.finish(); }
  const Dialect& dialect() const { return dialect_; }

 private:
  bool writes(std::uint32_t tag) const { return has(tag) && !dialect_.drops(tag) && !adds(tag); }
  bool adds(std::uint32_t tag) const;
  bool carries(const RawField& field) const;

  const Dialect& dialect_;
  const Scope* body_;
  bool is_order_;
  Writer writer_;
};

// The first field of an order (D or G) that changes what the order means and that the broker's dialect
// cannot carry: its version lacks the field or the value, or the dialect drops it. 0: all of it can be
// carried. Such an order is refused, never forwarded without the field.
std::uint32_t uncarried_field(std::span<const RawField> source, std::string_view msg_type, const Dialect& broker);

}  // namespace portcullis::fix
