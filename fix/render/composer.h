#pragma once

#include <cstring>
#include <span>
#include <string_view>

#include "base/copy_text.h"
#include "base/decimal.h"
#include "base/time.h"
#include "fix/dialect.h"
#include "fix/frame.h"
#include "fix/render/plan.h"
#include "fix/tag_text.h"
#include "order/commands.h"

// Writes one message by its plan, straight into the caller's buffer: only what that version's message has and the
// dialect does not drop. Does not allocate. What does not fit, or a text of ours that holds an SOH, makes finish()
// give an empty view. For fix/render.cc alone, whose tags are constants: with them most of this is one store.

#define PORTCULLIS_INLINE inline __attribute__((always_inline))

namespace portcullis::fix {

class Composer {
 public:
  // `dialect` and `buffer` outlive the composer and the view that finish() returns.
  Composer(const Dialect& dialect, Outbound kind, std::uint64_t msg_seq_num, UtcTime now, std::span<char> buffer);

  PORTCULLIS_INLINE void text(std::uint32_t tag, std::string_view value) {
    if (value.empty() || !plan_.writes.contains(tag)) return;
    if (char* const out = begin(tag, value.size())) end(copy_text(out, value));
  }
  PORTCULLIS_INLINE void character(std::uint32_t tag, char value) {
    if (!plan_.writes.contains(tag)) return;
    if (char* const out = begin(tag, 1)) {
      *out = value;
      end(out + 1);
    }
  }
  PORTCULLIS_INLINE void number(std::uint32_t tag, std::int64_t value) {
    if (!plan_.writes.contains(tag)) return;
    if (char* const out = begin(tag, kNumberRoom)) end(put_number(out, value));
  }
  template <int Scale, typename Tag>
  PORTCULLIS_INLINE void decimal(std::uint32_t tag, Decimal<Scale, Tag> value) {
    if (!plan_.writes.contains(tag)) return;
    if (char* const out = begin(tag, kNumberRoom)) end(put_decimal(out, value, Scale == Quantity::kScale ? quantity_ : price_));
  }
  PORTCULLIS_INLINE void timestamp(std::uint32_t tag, UtcTime value) {
    if (!plan_.writes.contains(tag)) return;
    if (char* const out = begin(tag, sizeof time_)) end(put_time(out, value));
  }
  PORTCULLIS_INLINE void date(std::uint32_t tag, Date value) {
    if (plan_.writes.contains(tag)) put_date(tag, value);
  }

  // The source's fields that the gateway does not interpret: bytes as they stood, groups whole, where this version's
  // message has the field and the dialect does not drop it.
  void pass_through(const order::MessageFields& source);
  // What the dialect adds to orders.
  void additions();

  // Patches BodyLength(9) and appends CheckSum(10). The whole message, or empty.
  std::string_view finish();
  const Dialect& dialect() const { return dialect_; }

 private:
  static constexpr std::size_t kNumberRoom = 32;
  static constexpr std::size_t kMaxTagText = 11;  // ten digits and '='
  struct Decimal24 {  // no decimal has more characters
    std::uint64_t words[3];
  };

  // Where the value goes; null when it does not fit. The tag is one of the plan's, so it is below 1,000.
  PORTCULLIS_INLINE char* begin(std::uint32_t tag, std::size_t value_size) {
    if (static_cast<std::size_t>(end_ - at_) < kMaxTagText + value_size + 1) [[unlikely]] {
      ok_ = false;
      return nullptr;
    }
    static_assert(kTagTexts <= TagSet::kTags);
    const TagText& entry = kTagText[tag];
    std::memcpy(at_, entry.text.data(), entry.text.size());
    return at_ + entry.size;
  }
  PORTCULLIS_INLINE void end(char* value_end) {
    *value_end = kSoh;
    at_ = value_end + 1;
    ++fields_;
  }
  static char* put_number(char* out, std::int64_t value);
  // A message says the same quantity more than once, and the same price: OrderQty(38), LastQty(32) and CumQty(14) of a fill. It
  // is copied from where it stands.
  struct Written {
    std::int64_t raw = 0;  // zero: none yet
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  template <int Scale, typename Tag>
  PORTCULLIS_INLINE char* put_decimal(char* out, Decimal<Scale, Tag> value, Written& known) {
    static_assert(Scale == Quantity::kScale || Scale == Price::kScale, "no other number shares their memory");
    if (value.is_zero()) {
      *out = '0';
      return out + 1;
    }
    if (value.raw() == known.raw) {
      static_assert(kNumberRoom >= sizeof(Decimal24));
      Decimal24 text;
      std::memcpy(&text, begin_ + known.at, sizeof text);
      std::memcpy(out, &text, sizeof text);
      return out + known.size;
    }
    const std::size_t size = value.format(out);
    known = {value.raw(), static_cast<std::uint32_t>(out - begin_), static_cast<std::uint32_t>(size)};
    return out + size;
  }
  char* put_time(char* out, UtcTime value) {
    if (value != now_) [[unlikely]] {
      return out + format_utc_timestamp(value, dialect_.time_precision(), out);
    }
    std::memcpy(out, time_, sizeof time_);
    return out + time_size_;
  }
  void put_date(std::uint32_t tag, Date value);
  std::size_t pass_one(std::span<const order::RawField> source, std::size_t at);
  bool carries(const order::RawField& field) const;
  void raw(std::uint32_t tag, std::string_view value);
  void whole_fields(std::string_view bytes, std::size_t count);

  const Dialect& dialect_;
  const RenderPlan& plan_;
  const UtcTime now_;
  char* const begin_;
  char* const end_;
  char* at_;
  std::size_t fields_ = 0;  // written, and so the SOHs that the message must have
  std::size_t time_size_ = 0;
  bool ok_ = true;
  Written quantity_;
  Written price_;
  char time_[32];  // `now` as text
};

}  // namespace portcullis::fix
