#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fix/decode.h"
#include "fix/dictionary/embedded.h"
#include "fix/encode.h"
#include "fix/frame.h"
#include "fix/pass_through.h"
#include "fix/render.h"
#include "tests/fix/plain_composer.h"

// Any body, framed: what is decoded and said again in either version is a frame that scans without a
// fault, carries our id, is understood where the source was and holds no group, and is what the plain
// composer writes. The quick judgement is the full one. A retransmission of anything is a frame or nothing.

namespace {

using namespace portcullis;
using fix::FixVersion;

struct Side {
  explicit Side(FixVersion version, const char* file)
      : dictionary(std::move(fix::Dictionary::compile(fix::embedded_dictionary(file))).value()) {
    fix::DialectSettings settings;
    settings.version = version;
    settings.our_comp_id = "US";
    settings.their_comp_id = "THEM";
    dialect.emplace(std::move(fix::Dialect::make(settings, dictionary, plans)).value());
  }
  fix::Dictionary dictionary;
  fix::RenderPlans plans;
  std::optional<fix::Dialect> dialect;
};

std::string framed(std::string_view begin_string, std::string_view body) {
  std::string frame = "8=" + std::string(begin_string) +
                      "\x01"
                      "9=" +
                      std::to_string(body.size()) + "\x01";
  frame += body;
  const unsigned sum = fix::checksum(frame);
  frame += "10=";
  frame += static_cast<char>('0' + sum / 100);
  frame += static_cast<char>('0' + sum / 10 % 10);
  frame += static_cast<char>('0' + sum % 10);
  frame += '\x01';
  return frame;
}

void require(bool condition) {
  if (!condition) std::abort();
}

void check_frame(std::string_view bytes) {
  fix::Framer framer;
  const auto step = framer.next(bytes);
  require(step.found == fix::Framer::Found::kFrame && step.frame.bytes.size() == bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Side v42(FixVersion::kFix42, "FIX42.xml");
  static Side v44(FixVersion::kFix44, "FIX44.xml");
  static fix::ScannedMessage message;
  static fix::ScannedMessage again;
  static char buffer[1 << 18];
  static char plain[1 << 18];
  if (size > 60'000) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (Side* source : {&v42, &v44}) {
    const std::string frame = framed(source->dialect->facts().begin_string,
                                     "35=D\x01"
                                     "34=1\x01"
                                     "49=A\x01"
                                     "56=B\x01"
                                     "52=20261122-12:00:00\x01" +
                                         std::string(body));
    const std::string_view resent = fix::retransmit(frame, UtcTime::from_ns(1), buffer);
    if (!resent.empty()) check_frame(resent);
    if (fix::scan(frame, message)) continue;
    const bool understood = static_cast<bool>(source->dictionary.understand(message, true));
    require(understood == source->dictionary.examine(message, true).understood);
    bool has_group = false;
    for (std::size_t i = 0; i < message.fields().size(); ++i) has_group |= fix::group_extent(message.fields(), i) != 0;
    const fix::Command command = fix::decode(message, *source->dialect, order::SessionId(1));
    const auto* in = std::get_if<order::NewOrderSingle>(&command);
    require(in != nullptr);
    for (Side* target : {&v42, &v44}) {
      order::OutboundNewOrder out;
      out.cl_ord_id = "OURS";
      out.account = in->account;
      out.symbol = in->symbol;
      out.currency = in->currency;
      out.side = in->side;
      out.terms = in->terms;
      out.transact_time = in->transact_time;
      out.fields = in->fields;
      fix::uncarried_field(out.fields, "D", *target->dialect);
      const std::size_t bound = fix::render_bound(out.fields);
      require(bound <= sizeof(buffer));
      const std::string_view bytes = fix::render(*target->dialect, 5, UtcTime::from_ns(1), out, {buffer, bound});
      require(bytes == fix::render_plainly(*target->dialect, 5, UtcTime::from_ns(1), out, {plain, bound}));
      if (bytes.empty()) {
        // Only a mapped name that holds an SOH, which only a data field could.
        require(!understood);
        continue;
      }
      if (bytes.size() > fix::kMaxFrameBytes) continue;
      check_frame(bytes);
      require(!fix::scan(bytes, again));
      require(again.find(11) == "OURS");
      if (understood && !has_group && !in->fault)
        require(static_cast<bool>(target->dictionary.understand(again, true)));
    }
    // The same bytes read as a report must not do more than fault.
    std::string report = frame;
    report[report.find("35=D") + 3] = '8';
    if (!fix::scan(report, message)) {
      require(
          std::holds_alternative<order::ExecutionReport>(fix::decode(message, *source->dialect, order::SessionId(1))));
    }
  }
  return 0;
}
