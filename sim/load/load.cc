#include "sim/load/load.h"

#include <time.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <memory>

#include "base/decimal.h"
#include "sim/inbox.h"
#include "sim/load/raw_session.h"

namespace portcullis::sim {
namespace {

namespace asio = boost::asio;

constexpr std::int64_t kLateNs = 100'000;
constexpr std::int64_t kGroupNs = 50'000;
constexpr std::size_t kMaxUnsentBytes = 16 << 20;
constexpr std::int64_t kLogonPatience = 30;  // seconds

std::int64_t thread_cpu_ns() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return spent.tv_sec * 1'000'000'000LL + spent.tv_nsec;
}

struct Price5 {
  std::int64_t middle;  // in units of the last decimal
  int decimals;
};
Price5 price_of(const std::string& symbol) {
  if (symbol == "USD/JPY") return {150'000, 3};
  if (symbol == "GBP/USD") return {125'000, 5};
  return {110'000, 5};
}

std::string decimal(std::int64_t value, int decimals) {
  std::string digits = std::to_string(value);
  digits.insert(digits.size() - static_cast<std::size_t>(decimals), ".");
  return digits;
}

// The variable part of an order is cheap to make; the rest was made before the run. With up to two accounts and
// symbols, each account buys as much of a symbol as it sells, so that a long run stays within any position limit. So
// many different ones that the control of duplicate orders sees few alike, at prices inside the collar.
class Orders {
 public:
  explicit Orders(const LoadSettings& settings) {
    prefix_ = settings.sender + "-" + std::to_string(utc_now().ns() / 1'000'000) + "-";
    const std::size_t accounts = std::max<std::size_t>(settings.accounts.size(), 1);
    for (std::size_t i = 0; i < 2048; ++i) {
      const std::string& symbol = settings.symbols[i % settings.symbols.size()];
      const Price5 price = price_of(symbol);
      std::string tail;
      if (!settings.accounts.empty()) tail += "1=" + settings.accounts[i % accounts] + "\x01";
      tail +=
          "21=1\x01"
          "55=" +
          symbol +
          "\x01"
          "54=" +
          (i / 2 % 2 == 0 ? "1" : "2") + "\x01";
      tail += "38=" + std::to_string(10'000 + 10 * (i / 4 % 16)) +
              "\x01"
              "40=2\x01";
      tail += "44=" + decimal(price.middle + static_cast<std::int64_t>(i % 2000), price.decimals) +
              "\x01"
              "59=0\x01"
              "60=";
      tails_.push_back(tail);
    }
  }

  void make(std::int64_t number, UtcTime now, std::string& body) const {
    char text[27];
    body.assign("11=").append(prefix_);
    body.append(text, static_cast<std::size_t>(std::to_chars(text, text + sizeof text, number).ptr - text));
    body.append(1, '\x01').append(tails_[static_cast<std::size_t>(number) % tails_.size()]);
    body.append(text, format_utc_timestamp(now, TimePrecision::kMilliseconds, text)).append(1, '\x01');
  }
  // The order's number, or -1 when the ClOrdID is not ours.
  std::int64_t number(std::string_view cl_ord_id) const {
    std::int64_t number = -1;
    if (cl_ord_id.substr(0, prefix_.size()) != prefix_) return -1;
    std::from_chars(cl_ord_id.data() + prefix_.size(), cl_ord_id.data() + cl_ord_id.size(), number);
    return number;
  }

 private:
  std::string prefix_;
  std::vector<std::string> tails_;
};

class Generator {
 public:
  explicit Generator(const LoadSettings& settings)
      : settings_(settings),
        orders_(settings),
        total_(settings.orders > 0 ? settings.orders : settings.rate * settings.for_s),
        group_ns_(settings.rate > 1'000'000'000 / kGroupNs ? kGroupNs : 1),
        meant_(static_cast<std::size_t>(total_), 0),
        latency_(static_cast<std::size_t>(total_), -1),
        timer_(io_) {}

  Result<LoadResult> run() {
    boost::system::error_code unread;
    if (!settings_.tls_ca.empty()) tls_.load_verify_file(settings_.tls_ca, unread);
    if (unread) return Error{settings_.tls_ca + ": " + unread.message()};
    std::vector<std::string> senders = settings_.more_senders;
    senders.insert(senders.begin(), settings_.sender);
    for (const std::string& sender : senders) {
      asio::ip::tcp::socket socket(io_);
      boost::system::error_code failed;
      const asio::ip::address address = asio::ip::make_address(settings_.host, failed);
      if (!failed) socket.connect({address, settings_.port}, failed);
      if (failed) {
        return Error{"cannot connect to " + settings_.host + ":" + std::to_string(settings_.port) + ": " +
                     failed.message()};
      }
      socket.set_option(asio::ip::tcp::no_delay(true));
      sessions_.push_back(std::make_unique<RawSession>(
          std::move(socket), settings_.begin_string, sender, settings_.target,
          RawSession::Handler{[this] { ++logged_on_; }, [this](RawMessage& m) { on_message(m); },
                              [this](const std::string& why) { closed_ = why; }}));
      if (!settings_.tls_ca.empty()) sessions_.back()->use_tls(tls_, settings_.host);
      sessions_.back()->start(true, settings_.heartbeat_s, settings_.reset_on_logon);
    }
    unflushed_.assign(sessions_.size(), false);
    run_until(steady_now() + Duration::seconds(kLogonPatience), [this] { return all_logged_on() || !closed_.empty(); });
    if (!all_logged_on()) return Error{"no Logon was answered" + (closed_.empty() ? std::string() : "; " + closed_)};
    if (settings_.on_logged_on) settings_.on_logged_on();
    begin();

    const SteadyTime start = steady_now();
    const std::int64_t cpu = thread_cpu_ns();
    const Duration sending = Duration::seconds(settings_.in_flight > 0 ? 3600 : total_ / settings_.rate + 60);
    run_until(start + sending, [this] { return next_ == total_ || !closed_.empty(); });
    const std::int64_t wall = (steady_now() - start).ns();
    // A spinning thread is busy all the time: then only sends that left late tell that it could not keep up.
    result_.idle_share =
        1.0 - static_cast<double>(thread_cpu_ns() - cpu) / static_cast<double>(std::max(wall, std::int64_t{1}));
    run_until(steady_now() + Duration::seconds(settings_.drain_s),
              [this] { return result_.answered == result_.sent || !closed_.empty(); });
    if (settings_.on_answered) settings_.on_answered();
    if (closed_.empty()) {
      for (const auto& session : sessions_) session->logout();
      run_until(steady_now() + Duration::seconds(2), [this] {
        return std::none_of(sessions_.begin(), sessions_.end(), [](const auto& s) { return s->is_logged_on(); });
      });
    }
    summarise();
    return result_;
  }

 private:
  template <typename Done>
  void run_until(SteadyTime deadline, Done done) {
    const bool spin = settings_.spin && begun_;
    while (!done() && steady_now() < deadline) {
      if (spin) {
        send_due();
        io_.poll();
      } else {
        io_.run_one_for(std::chrono::milliseconds(20));
        flush();
      }
    }
  }

  bool all_logged_on() const { return logged_on_ >= sessions_.size(); }

  // The orders begin when the last session has logged on.
  void begin() {
    begun_ = true;
    first_ = steady_now();
    if (settings_.in_flight > 0) return send_closed_loop();
    if (!settings_.spin) tick();
  }

  // Sends what is due, then sleeps to the next order's time.
  void tick() {
    send_due();
    if (next_ == total_ || !closed_.empty()) return;
    timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(due(next_).ns())));
    timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) tick();
    });
  }

  SteadyTime due(std::int64_t number) const {
    const auto after = static_cast<std::int64_t>(static_cast<Wide>(number) * 1'000'000'000 / settings_.rate);
    return SteadyTime::from_ns(first_.ns() + (after + group_ns_ - 1) / group_ns_ * group_ns_);
  }

  void send_due() {
    if (settings_.in_flight > 0 || !closed_.empty()) return;
    SteadyTime now = steady_now();
    while (next_ < total_ && due(next_) <= now && next_session().unsent_bytes() < kMaxUnsentBytes) {
      if ((now - due(next_)).ns() > kLateNs) ++result_.late_sends;
      send(due(next_));
      now = steady_now();
    }
    flush();
  }

  void send_closed_loop() {
    while (next_ < total_ && result_.sent - result_.answered < settings_.in_flight) send(steady_now());
  }

  RawSession& next_session() { return *sessions_[static_cast<std::size_t>(next_) % sessions_.size()]; }
  void flush() {
    for (const std::size_t at : to_flush_) {
      unflushed_[at] = false;
      sessions_[at]->flush();
    }
    to_flush_.clear();
  }

  void send(SteadyTime meant) {
    const UtcTime now = utc_now();
    orders_.make(next_, now, body_);
    meant_[static_cast<std::size_t>(next_)] = meant.ns();
    next_session().send("D", body_, now);
    const std::size_t at = static_cast<std::size_t>(next_) % sessions_.size();
    if (!unflushed_[at]) to_flush_.push_back(at);
    unflushed_[at] = true;
    ++next_;
    ++result_.sent;
  }

  void on_message(RawMessage& message) {
    if (message.msg_type() != "8") return;
    ++result_.reports;
    const std::int64_t number = orders_.number(message.get(11));
    if (number < 0 || number >= next_) return;
    std::int64_t& latency = latency_[static_cast<std::size_t>(number)];
    if (latency >= 0) return;
    last_ = steady_now();
    latency = last_.ns() - meant_[static_cast<std::size_t>(number)];
    ++result_.answered;
    if (message.get(150) == "8") ++result_.rejected;
    if (settings_.in_flight > 0) send_closed_loop();
  }

  void summarise() {
    result_.elapsed_ns = last_.ns() > first_.ns() ? (last_ - first_).ns() : 0;
    latency_.erase(std::remove(latency_.begin(), latency_.end(), -1), latency_.end());
    if (latency_.empty()) return;
    std::sort(latency_.begin(), latency_.end());
    const auto at = [this](std::int64_t per_mille) {
      const auto last = static_cast<std::int64_t>(latency_.size()) - 1;
      return latency_[static_cast<std::size_t>(last * per_mille / 1000)];
    };
    result_.p50_ns = at(500);
    result_.p90_ns = at(900);
    result_.p99_ns = at(990);
    result_.p999_ns = at(999);
    result_.max_ns = at(1000);
  }

  const LoadSettings settings_;
  const Orders orders_;
  const std::int64_t total_;
  const std::int64_t group_ns_;  // an order's time is a multiple of it
  std::vector<std::int64_t> meant_, latency_;
  asio::io_context io_{1};
  asio::steady_timer timer_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  std::vector<std::unique_ptr<RawSession>> sessions_;
  std::vector<bool> unflushed_;         // by session
  std::vector<std::size_t> to_flush_;   // those
  std::size_t logged_on_ = 0;
  LoadResult result_;
  SteadyTime first_, last_;
  std::int64_t next_ = 0;
  std::string body_, closed_;
  bool begun_ = false;
};

}  // namespace

Result<LoadResult> run_load(const LoadSettings& settings) {
  if (settings.symbols.empty()) return Error{"at least one symbol is needed"};
  if (settings.rate < 1) return Error{"the rate is in orders a second and must be 1 or more"};
  return Generator(settings).run();
}

std::string to_json(const LoadResult& result) {
  boost::json::object object;
  object["sent"] = result.sent;
  object["answered"] = result.answered;
  object["rejected"] = result.rejected;
  object["reports"] = result.reports;
  object["elapsed_ns"] = result.elapsed_ns;
  object["orders_per_second"] =
      result.elapsed_ns == 0
          ? 0
          : static_cast<std::int64_t>(result.answered * 1e9 / static_cast<double>(result.elapsed_ns));
  object["late_sends"] = result.late_sends;
  object["idle_share"] = result.idle_share;
  object["p50_ns"] = result.p50_ns;
  object["p90_ns"] = result.p90_ns;
  object["p99_ns"] = result.p99_ns;
  object["p999_ns"] = result.p999_ns;
  object["max_ns"] = result.max_ns;
  return boost::json::serialize(object);
}

}  // namespace portcullis::sim
