#pragma once

#include <cstring>
#include <span>
#include <string_view>

#include "base/copy_text.h"
#include "base/decimal.h"
#include "base/decimal_text.h"
#include "base/time.h"
#include "fix/dialect.h"
#include "fix/frame.h"
#include "fix/render/plan.h"
#include "fix/tag_text.h"
#include "order/commands.h"

// Writes one message by its plan, straight into the caller's buffer: only what that version's message has and the
// dialect does not drop. Does not allocate. What does not fit, or a text of ours that holds an SOH, makes finish()
// give an empty view. For fix/render.cc alone, whose tags are constants: with them most of this is one store.

namespace portcullis::fix {

// A message as far as it is written, and what is seldom written to it.
struct Draft {
  static constexpr std::size_t kNumberRoom = 32;  // for a number, a time, or a text that is not long
  static constexpr std::size_t kMaxTagText = 11;  // ten digits and '='

  void date(std::uint32_t tag, Date value);
  void raw(std::uint32_t tag, std::string_view value);
  void whole_fields(std::string_view bytes, std::size_t count);
  void pass_through(const order::MessageFields& source);
  // Patches BodyLength(9) and appends CheckSum(10). The whole message, or empty.
  std::string_view finish();

  const Dialect* dialect;
  const RenderPlan* plan;
  char* begin;
  char* end;
  char* at;
  std::size_t fields = 0;  // written, and so the SOHs that the message must have
  bool ok = true;

 private:
  std::size_t pass_one(std::span<const order::RawField> source, std::size_t place);
  bool carries(const order::RawField& field) const;
};

// Whether no field of a message with this layout is passed on by a plan with this print; false: not known.
bool passes_none(std::uint64_t layout, std::uint64_t pass_print);

// All of it is part of the function that writes a message, where a composer's members are in registers: so nothing that is
// called may have its address, and what is called out of line is given a copy of the draft and gives it back.
class Composer {
 public:
  // `dialect` and `buffer` outlive the composer and the view that finish() returns.
  PORTCULLIS_INLINE Composer(const Dialect& dialect, Outbound kind, std::uint64_t msg_seq_num, UtcTime now,
                             std::span<char> buffer)
      : draft_{&dialect, &dialect.plan(kind), buffer.data(), buffer.data() + buffer.size(), buffer.data()}, now_(now) {
    const std::string_view begin = draft_.plan->begin;
    const std::string_view addresses = dialect.addresses();
    if (buffer.size() < begin.size() + addresses.size() + 2 * Draft::kNumberRoom + sizeof(Time32)) [[unlikely]] {
      draft_.ok = false;
      return;
    }
    last_ = draft_.end - kFieldRoom;
    constexpr std::size_t kBeginFields = 3;
    draft_.fields = kBeginFields + Dialect::kAddressFields;
    end(decimal_detail::put_number(copy_text(copy_text(draft_.at, begin), addresses), static_cast<std::int64_t>(msg_seq_num)));
    time_ = put_tag(52);
    time_size_ = format_utc_timestamp(now, dialect.time_precision(), time_);
    end(time_ + time_size_);
  }

  PORTCULLIS_INLINE void text(std::uint32_t tag, std::string_view value) {
    if (value.size() - 1 >= Draft::kNumberRoom) [[unlikely]] {  // none, or a long one
      if (!value.empty() && draft_.plan->writes.contains(tag)) aside([&](Draft& draft) { draft.raw(tag, value); });
      return;
    }
    if (writes(tag)) end(copy_text(put_tag(tag), value));
  }
  PORTCULLIS_INLINE void character(std::uint32_t tag, char value) {
    if (!writes(tag)) return;
    char* const out = put_tag(tag);
    *out = value;
    end(out + 1);
  }
  PORTCULLIS_INLINE void number(std::uint32_t tag, std::int64_t value) {
    if (writes(tag)) end(decimal_detail::put_number(put_tag(tag), value));
  }
  template <int Scale, typename Tag>
  PORTCULLIS_INLINE void decimal(std::uint32_t tag, Decimal<Scale, Tag> value) {
    if (!writes(tag)) return;
    end(put_decimal(put_tag(tag), value, Scale == Quantity::kScale ? quantity_ : price_));
  }
  PORTCULLIS_INLINE void timestamp(std::uint32_t tag, UtcTime value) {
    if (writes(tag)) end(put_time(put_tag(tag), value));
  }
  PORTCULLIS_INLINE void date(std::uint32_t tag, Date value) {
    if (draft_.plan->writes.contains(tag)) aside([&](Draft& draft) { draft.date(tag, value); });
  }

  // The source's fields that the gateway does not interpret: bytes as they stood, groups whole, where this version's
  // message has the field and the dialect does not drop it.
  PORTCULLIS_INLINE void pass_through(const order::MessageFields& source) {
    if (passes_none(source.layout(), draft_.plan->pass_print)) [[likely]] return;
    aside([&](Draft& draft) { draft.pass_through(source); });
  }
  // What the dialect adds to orders.
  PORTCULLIS_INLINE void additions() {
    if (draft_.plan->added_fields == 0) return;
    aside([](Draft& draft) { draft.whole_fields(draft.plan->added, draft.plan->added_fields); });
  }

  PORTCULLIS_INLINE std::string_view finish() {
    Draft draft = draft_;
    return draft.finish();
  }
  PORTCULLIS_INLINE const Dialect& dialect() const { return *draft_.dialect; }

 private:
  // No time has more characters, and no decimal.
  struct Time32 {
    std::uint64_t words[4];
  };
  struct Decimal24 {
    std::uint64_t words[3];
  };
  // A message says the same quantity more than once, and the same price: OrderQty(38), LastQty(32) and CumQty(14) of a fill. It
  // is copied from where it stands.
  struct Written {
    std::int64_t raw = 0;  // zero: none yet
    const char* at = nullptr;
    std::size_t size = 0;
  };

  template <typename Write>
  PORTCULLIS_INLINE void aside(Write&& write) {
    Draft draft = draft_;
    write(draft);
    draft_.at = draft.at;
    draft_.fields = draft.fields;
    draft_.ok = draft.ok;
  }
  // Whether the message has this field of ours, and there is room for it. The tag is one of the plan's, so it is below 1,000.
  PORTCULLIS_INLINE bool writes(std::uint32_t tag) {
    if (!draft_.plan->writes.contains(tag)) return false;
    if (draft_.at > last_) [[unlikely]] {
      draft_.ok = false;
      return false;
    }
    return true;
  }
  // Returns where the value goes.
  PORTCULLIS_INLINE char* put_tag(std::uint32_t tag) {
    static_assert(kTagTexts <= TagSet::kTags);
    const TagText& entry = kTagText[tag];
    std::memcpy(draft_.at, entry.text.data(), entry.text.size());
    return draft_.at + entry.size;
  }
  PORTCULLIS_INLINE void end(char* value_end) {
    *value_end = kSoh;
    draft_.at = value_end + 1;
    ++draft_.fields;
  }
  template <typename Text>
  PORTCULLIS_INLINE static void copy_whole(char* out, const char* from) {
    Text text;
    std::memcpy(&text, from, sizeof text);
    std::memcpy(out, &text, sizeof text);
  }
  template <int Scale, typename Tag>
  PORTCULLIS_INLINE char* put_decimal(char* out, Decimal<Scale, Tag> value, Written& known) {
    static_assert(Scale == Quantity::kScale || Scale == Price::kScale, "no other number shares their memory");
    if (value.is_zero()) {
      *out = '0';
      return out + 1;
    }
    if (value.raw() == known.raw) {
      static_assert(Draft::kNumberRoom >= sizeof(Decimal24) && Draft::kNumberRoom >= sizeof(Time32));
      copy_whole<Decimal24>(out, known.at);
      return out + known.size;
    }
    char* const text_end = Scale == Quantity::kScale ? decimal_detail::put_quantity(out, value.raw())
                                                     : decimal_detail::put_price(out, value.raw());
    known = {value.raw(), out, static_cast<std::size_t>(text_end - out)};
    return text_end;
  }
  PORTCULLIS_INLINE char* put_time(char* out, UtcTime value) {
    if (value != now_) [[unlikely]] {
      return out + format_utc_timestamp(value, dialect().time_precision(), out);
    }
    copy_whole<Time32>(out, time_);
    return out + time_size_;
  }

  static constexpr std::size_t kFieldRoom = Draft::kMaxTagText + Draft::kNumberRoom + 1;

  Draft draft_;
  const char* last_ = nullptr;  // up to where a field may begin; null: nowhere
  const UtcTime now_;
  char* time_ = nullptr;  // where `now` stands as text, in SendingTime(52)
  std::size_t time_size_ = 0;
  Written quantity_;
  Written price_;
};

}  // namespace portcullis::fix
