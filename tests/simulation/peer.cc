#include "tests/simulation/peer.h"

#include <charconv>
#include <cstdio>

#include "fix/scanner.h"

namespace portcullis::simulation {
namespace {

constexpr Duration kHeartbeat = Duration::seconds(5);
constexpr Duration kLogonPatience = Duration::seconds(4);
constexpr Duration kGapPatience = Duration::seconds(2);

std::string time_text(UtcTime time) {
  char text[32];
  return {text, format_utc_timestamp(time, TimePrecision::kMilliseconds, text)};
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_admin(std::string_view type) {
  return type == "A" || type == "0" || type == "1" || type == "2" || type == "3" || type == "4" || type == "5";
}

bool is_header(std::uint32_t tag) {
  return tag == 8 || tag == 9 || tag == 10 || tag == 34 || tag == 35 || tag == 43 || tag == 49 || tag == 52 ||
         tag == 56 || tag == 97 || tag == 122;
}

}  // namespace

void Peer::log(const char* kind, const sim::Message& message) {
  sim::LogLine line;
  line.kind = kind;
  line.message = message;
  log_.push_back(std::move(line));
}

void Peer::say(const std::string& type, const std::string& body, UtcTime now, std::uint64_t number,
               const std::string& header) {
  if (number == 0) number = next_sender_++;
  const std::string soh(1, '\x01');
  std::string rest = "35=" + type + soh + "34=" + std::to_string(number) + soh + "49=" + comp_id_ + soh +
                     "52=" + time_text(now) + soh + "56=" + gateway_comp_id_ + soh + header + body;
  std::string frame = "8=FIX.4.4" + soh + "9=" + std::to_string(rest.size()) + soh + rest;
  unsigned sum = 0;
  for (const char c : frame) sum += static_cast<unsigned char>(c);
  char check[16];
  std::snprintf(check, sizeof check, "10=%03u\x01", sum % 256);
  frames_.push_back(frame + check);
  said_ = now;
}

void Peer::transmit(const sim::Message& message, std::uint64_t number, UtcTime now, bool again, UtcTime first_sent) {
  std::string body;
  for (const auto& [tag, value] : message.fields) body += std::to_string(tag) + "=" + value + "\x01";
  std::string header;
  if (again)
    header =
        "43=Y\x01"
        "122=" +
        time_text(first_sent) + "\x01";
  if (message.poss_resend) header += "97=Y\x01";
  say(message.msg_type, body, now, number, header);
}

void Peer::send(sim::Message message, UtcTime now) {
  unsent_.push_back(std::move(message));
  flush(now);
}

void Peer::flush(UtcTime now) {
  while (logged_on_ && !unsent_.empty()) {
    sim::Message message = std::move(unsent_.front());
    unsent_.pop_front();
    const std::uint64_t number = next_sender_++;
    message.seq = static_cast<long>(number);
    sent_[number] = Stored{message, now};
    log("out", message);
    transmit(message, number, now, false, now);
  }
}

void Peer::on_connected(UtcTime now) {
  connected_ = true;
  logged_on_ = wants_close_ = asking_ = false;
  tests_out_ = 0;
  since_ = received_ = now;
  held_.clear();
  if (initiator_)
    say("A",
        "98=0\x01"
        "108=5\x01",
        now);
}

void Peer::on_disconnected() {
  connected_ = logged_on_ = wants_close_ = false;
  frames_.clear();
  held_.clear();
}

void Peer::ask_for_gap(UtcTime now) {
  if (asking_ && now - asked_ < kGapPatience) return;
  asking_ = true;
  asked_ = now;
  say("2",
      "7=" + std::to_string(next_target_) +
          "\x01"
          "16=0\x01",
      now);
}

void Peer::resend(std::uint64_t first, std::uint64_t last, UtcTime now) {
  if (last == 0 || last >= next_sender_) last = next_sender_ - 1;
  for (std::uint64_t number = first; number <= last;) {
    const auto stored = sent_.find(number);
    if (stored != sent_.end()) {
      log("out", [&] {
        sim::Message again = stored->second.message;
        again.poss_dup = true;
        return again;
      }());
      transmit(stored->second.message, number, now, true, stored->second.sent);
      ++number;
      continue;
    }
    std::uint64_t next = number;
    while (next <= last && !sent_.contains(next)) ++next;
    say("4",
        "123=Y\x01"
        "36=" +
            std::to_string(next) + "\x01",
        now, number,
        "43=Y\x01"
        "122=" +
            time_text(now) + "\x01");
    number = next;
  }
}

void Peer::on_frame(std::string_view frame, UtcTime now) {
  received_ = now;
  tests_out_ = 0;
  take(frame, now);
  while (!held_.empty() && !wants_close_) {
    held_.erase(held_.begin(), held_.lower_bound(next_target_));
    const auto next = held_.find(next_target_);
    if (next == held_.end()) break;
    const std::string again = std::move(next->second);
    held_.erase(next);
    take(again, now);
  }
  if (held_.empty()) asking_ = false;
}

void Peer::take(std::string_view frame, UtcTime now) {
  fix::ScannedMessage scanned;
  if (fix::scan(frame, scanned)) {
    violations_.push_back("the gateway sent a frame that does not scan");
    return;
  }
  const std::string type(scanned.find(35));
  const std::uint64_t number = number_of(scanned.find(34));
  const bool again = scanned.find(43) == "Y";

  if (type == "4" && scanned.find(123) != "Y") {
    next_target_ = std::max(next_target_, number_of(scanned.find(36)));
    return;
  }
  if (type == "A") {
    if (number < next_target_ && logged_on_) return;  // the network has doubled it
    if (number < next_target_ && !again) {
      violations_.push_back("a Logon with MsgSeqNum(34) " + std::to_string(number) + ", expected " +
                            std::to_string(next_target_) + ": the gateway forgot what it had sent");
      wants_close_ = true;
      return;
    }
    if (!initiator_ && !logged_on_)
      say("A",
          "98=0\x01"
          "108=5\x01",
          now);
    logged_on_ = true;
    if (number == next_target_)
      ++next_target_;
    else
      ask_for_gap(now);
    flush(now);
    return;
  }
  if (!logged_on_) return;
  if (type == "2" && number >= next_target_) resend(number_of(scanned.find(7)), number_of(scanned.find(16)), now);
  if (number > next_target_) {
    held_.emplace(number, std::string(frame));
    ask_for_gap(now);
    return;
  }
  if (number < next_target_) {
    // A frame that the network doubled, or one that was asked for twice. The same number has the same content.
    const auto seen = seen_.find(number);
    if (seen != seen_.end() && !is_admin(type) &&
        seen->second != std::string(scanned.find(11)) + "/" + std::string(scanned.find(17))) {
      violations_.push_back("number " + std::to_string(number) + " came again with other content");
    }
    return;
  }
  if (type == "4") {
    next_target_ = std::max(next_target_ + 1, number_of(scanned.find(36)));
    return;
  }
  ++next_target_;
  if (type == "1") say("0", "112=" + std::string(scanned.find(112)) + "\x01", now);
  if (type == "5") {
    say("5", "", now);
    wants_close_ = true;
  }
  if (is_admin(type) && type != "3") return;
  sim::Message message(type);
  message.seq = static_cast<long>(number);
  message.poss_dup = again;
  message.poss_resend = scanned.find(97) == "Y";
  for (const fix::RawField& field : scanned.fields()) {
    if (!is_header(field.tag)) message.fields.emplace_back(static_cast<int>(field.tag), std::string(field.value));
  }
  seen_[number] = message.get(11) + "/" + message.get(17);
  log("in", message);
  messages_.push_back(std::move(message));
}

void Peer::poll(UtcTime now) {
  if (!connected_) return;
  if (!logged_on_) {
    if (now - since_ > kLogonPatience) wants_close_ = true;
    return;
  }
  if (!held_.empty()) ask_for_gap(now);
  if (now - said_ >= kHeartbeat) say("0", "", now);
  if (now - received_ > Duration::milliseconds(kHeartbeat.ms() * 3 / 2) && tests_out_ == 0) {
    ++tests_out_;
    say("1", "112=T\x01", now);
  }
  if (now - received_ > Duration::milliseconds(kHeartbeat.ms() * 3)) wants_close_ = true;
}

}  // namespace portcullis::simulation
