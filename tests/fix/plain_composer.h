#pragma once

#include <algorithm>

#include "fix/dialect.h"
#include "fix/encode.h"
#include "fix/render/groups.h"
#include "fix/render/messages.h"

namespace portcullis::fix {

// The composer without plans, templates or room saved: each field is looked up and written by itself, by the general
// writer. What fix/render/composer.h writes is held against it, byte for byte.
class PlainComposer {
 public:
  PlainComposer(const Dialect& dialect, Outbound kind, std::uint64_t msg_seq_num, UtcTime now, std::span<char> buffer)
      : dialect_(dialect),
        kind_(kind),
        body_(dialect.dictionary().message(msg_type_of(kind))),
        is_order_(kind == Outbound::kNewOrder || kind == Outbound::kReplace || kind == Outbound::kCancel),
        writer_(buffer) {
    writer_.header(dialect.identity(), msg_type_of(kind), msg_seq_num, now);
  }

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

  void pass_through(std::span<const RawField> source) {
    if (body_ == nullptr) return;
    for (std::size_t i = 0; i < source.size();) {
      const RawField& field = source[i];
      if (interpreted_in(kind_).contains(field.tag)) {
        ++i;
        continue;
      }
      if (const std::size_t extent = group_extent(source, i); extent != 0) {
        const Scope::Member* const member = body_->find(field.tag);
        if (member != nullptr && member->group != nullptr && !dialect_.drops(field.tag) &&
            is_whole_group(source.subspan(i, extent), *member)) {
          for (std::size_t k = i; k < i + extent; ++k) writer_.raw(source[k].tag, source[k].value);
        }
        i += extent;
        continue;
      }
      if (const std::uint32_t data_tag = data_tag_of_length(field.tag); data_tag != 0) {
        const bool pair = i + 1 < source.size() && source[i + 1].tag == data_tag;
        if (pair && carries(field) && carries(source[i + 1])) writer_.data(field.tag, data_tag, source[i + 1].value);
        i += pair ? 2 : 1;
        continue;
      }
      if (length_tag_of_data(field.tag) == 0 && carries(field)) writer_.raw(field.tag, field.value);
      ++i;
    }
  }
  void additions() {
    for (const auto& [tag, value] : dialect_.additions()) {
      if (has(tag) || tag >= kFirstUserDefinedTag) writer_.text(tag, value);
    }
  }

  std::string_view finish() { return writer_.finish(); }
  const Dialect& dialect() const { return dialect_; }

 private:
  bool has(std::uint32_t tag) const { return body_ != nullptr && body_->find(tag) != nullptr; }
  bool writes(std::uint32_t tag) const {
    return has(tag) && !dialect_.drops(tag) && !(is_order_ && adds(dialect_, tag));
  }
  bool carries(const RawField& field) const {
    if (field.value.empty() || dialect_.drops(field.tag) || (is_order_ && adds(dialect_, field.tag))) return false;
    if (const Scope::Member* const member = body_->find(field.tag)) {
      return member->group == nullptr && accepts(*member, field.value);
    }
    return field.tag >= kFirstUserDefinedTag && dialect_.user_defined_tags();
  }

  const Dialect& dialect_;
  const Outbound kind_;
  const Scope* const body_;
  const bool is_order_;
  Writer writer_;
};

template <typename Message>
std::string_view render_plainly(const Dialect& dialect, std::uint64_t msg_seq_num, UtcTime now, const Message& message,
                                std::span<char> buffer) {
  PlainComposer composer(dialect, messages::kind_of(message), msg_seq_num, now, buffer);
  messages::write(composer, message, now);
  return composer.finish();
}

}  // namespace portcullis::fix
