#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "fix/frame.h"
#include "fix/peek.h"
#include "gateway/messages_ahead.h"
#include "tests/gateway/fixture.h"

// Any bytes may stand behind the message in hand. A glance at them stays within them, tells what the framer and a search
// would tell, and is harmless whatever ids it reads.

namespace {

using namespace portcullis;

void check(bool holds) {
  if (!holds) std::abort();
}

// A gateway that knows an order, so that some ids lead somewhere.
gateway::testing::Gateway& some_gateway() {
  static gateway::testing::Gateway* const made = [] {
    auto* const gateway = new gateway::testing::Gateway(gateway::testing::small_configuration());
    gateway->from_client("alpha", "35=D|11=X|1=ALPHA-1|55=EUR/USD|54=1|38=10000|40=2|44=1.1010|59=0|60=20261123-12:00:00.000|");
    return gateway;
  }();
  return *made;
}

void check_field(fix::Peek& peek, std::string_view beginning, std::string_view message) {
  const std::string_view value = peek.in(message);
  const bool is_there = message.substr(0, 512).find(beginning) != std::string_view::npos;
  if (value.data() == nullptr) return check(!is_there);
  check(value.data() >= message.data() + beginning.size() && value.data() + value.size() <= message.data() + message.size());
  check(std::string_view(value.data() - beginning.size(), beginning.size()) == beginning);
  check(value.find('\x01') == std::string_view::npos && value.size() <= 64);
}

// A message of any body, whole.
std::string framed(std::string_view body) {
  std::string message = "8=FIX.4.4\x01" "9=" + std::to_string(body.size() + 6) + "\x01" "35=D\x01";
  message.append(body).append(1, '\x01');
  const unsigned sum = fix::checksum(message);
  const char trailer[] = {'1', '0', '=', static_cast<char>('0' + sum / 100), static_cast<char>('0' + sum / 10 % 10),
                          static_cast<char>('0' + sum % 10), '\x01'};
  return message.append(trailer, sizeof trailer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  fix::Peek cl_ord_id("\x01" "11=");
  fix::Peek exec_id("\x01" "17=");
  for (std::size_t at = 0; at < size;) {
    const std::string_view unread = bytes.substr(at);
    const std::size_t likely = fix::likely_size(unread);
    check(likely <= unread.size());
    fix::Framer framer;
    const fix::Framer::Step step = framer.next(unread);
    if (step.found == fix::Framer::Found::kFrame && step.frame.bytes.data() == unread.data()) {
      check(likely == 0 || likely == step.frame.bytes.size());
    }
    const std::string_view message = unread.substr(0, likely == 0 ? unread.size() : likely);
    check_field(cl_ord_id, "\x01" "11=", message);
    check_field(exec_id, "\x01" "17=", message);
    at += likely == 0 ? 1 + unread.size() / 8 : likely;
  }

  // A whole message is seen as long as it is, whatever it says and whatever is behind it.
  const std::string whole = framed(bytes);
  fix::Framer framer;
  const fix::Framer::Step step = framer.next(whole);
  check(step.found == fix::Framer::Found::kFrame && step.frame.bytes.size() == whole.size());
  check(fix::likely_size(whole) == whole.size());
  check(fix::likely_size(whole + std::string(bytes)) == whole.size());
  check(fix::likely_size(std::string_view(whole).substr(0, whole.size() - 1)) == 0);

  // As a connection hands them on: what is unread becomes less, by what may be the length of a message or any other.
  gateway::testing::Gateway& gateway = some_gateway();
  for (const char* line : {"alpha", "northbank"}) {
    const bool of_client = line[0] == 'a';
    const order::SessionId session =
        of_client ? gateway.core().client_session(line) : gateway.core().broker_session(line);
    gateway::MessagesAhead ahead;
    const std::string two = whole + framed(bytes.substr(size / 2)) + std::string(bytes);
    for (std::string_view unread = two; !unread.empty();) {
      ahead.look(gateway.state(), session, unread, true);
      const std::size_t likely = fix::likely_size(unread);
      unread.remove_prefix(likely != 0 ? likely : 1 + unread.size() / 4);
    }
  }
  return 0;
}
