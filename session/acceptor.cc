#include "session/acceptor.h"

#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "session/clock.h"
#include "session/logon_reader.h"
#include "session/password.h"
#include "session/threads.h"

namespace portcullis::session {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int kBacklog = 1024;
constexpr auto kAcceptRetry = std::chrono::milliseconds(100);

IpAddress address_of(const asio::ip::address& address) {
  return address.is_v4() ? IpAddress::v4(address.to_v4().to_bytes()) : IpAddress::v6(address.to_v6().to_bytes());
}

std::chrono::nanoseconds chrono_of(Duration duration) {
  return std::chrono::nanoseconds(duration.ns());
}

}  // namespace

// All members belong to the door thread, but for those that say otherwise.
class Acceptor::Door : public std::enable_shared_from_this<Door> {
 public:
  Door(AcceptorSettings settings, asio::io_context& core, AcceptorEvents& events)
      : settings_(std::move(settings)),
        core_(core),
        events_(events),
        acceptor_(io_),
        accept_timer_(io_),
        address_lockout_(settings_.address_lockout),
        session_lockout_(settings_.session_lockout) {}

  Status open() {
    for (const LogonRule& rule : settings_.rules) {
      if (!rule.password_hash) continue;
      const Status hash = check_password_hash(rule.password_hash->reveal());
      if (!hash) return Error{"client " + rule.session_id + ": " + hash.error().what};
    }
    if (settings_.tls) {
      auto context = TlsContext::for_server(*settings_.tls);
      if (!context) return context.error();
      tls_ = std::move(*context);
    }
    error_code error;
    tcp::resolver resolver(io_);
    const auto found =
        resolver.resolve(settings_.listen.host, std::to_string(settings_.listen.port), tcp::resolver::passive, error);
    if (error || found.empty()) {
      return Error{"cannot listen on " + settings_.listen.to_string() + ": no such address: " + error.message()};
    }
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(kBacklog, error);
    if (error) return Error{"cannot listen on " + settings_.listen.to_string() + ": " + error.message()};
    listening_ = settings_.listen;
    listening_.port = acceptor_.local_endpoint().port();
    return {};
  }

  void start() {
    accept();
    door_thread_ = start_thread("door", true, [this] { io_.run(); });
    password_thread_ = start_thread("passwords", true, [this] { passwords_.run(); });
  }

  void stop() {
    stopped_ = true;
    io_.stop();
    passwords_.stop();
    if (door_thread_.joinable()) door_thread_.join();
    if (password_thread_.joinable()) password_thread_.join();
    // With the threads gone this is the only user; handlers left in io_ die with it.
    error_code ignored;
    acceptor_.close(ignored);
    for (auto& [id, pending] : pending_) pending->reader->close();
    pending_.clear();
  }

  template <typename Work>
  void on_door(Work work) {
    asio::post(io_, [this, work = std::move(work)]() mutable { work(*this); });
  }

  void set_enabled(const std::string& session_id, bool enabled) {
    for (LogonRule& rule : settings_.rules) {
      if (rule.session_id == session_id) rule.enabled = enabled;
    }
  }

  void session_ended(const std::string& session_id) {
    established_.erase(session_id);
    // A client that reconnects at once may have come before the core saw its old connection end.
    for (const auto& [id, pending] : pending_) {
      if (!pending->waits_for_session || pending->session_id != session_id) continue;
      const PendingPtr admitted = pending;  // it leaves the map on its way in
      return admit(admitted);
    }
  }

  void stop_listening() {
    accept_timer_.cancel();
    error_code ignored;  // it is closed either way
    acceptor_.close(ignored);
  }

  AcceptorSettings settings_;
  config::Endpoint listening_;  // constant after open()
  struct {
    std::atomic<std::uint64_t> accepted{0}, refused_address{0}, refused_full{0}, timed_out{0}, failed_logons{0},
        logged_on{0}, pending{0};
  } counters_;  // any thread reads

 private:
  // A connection on its way from accept to the core.
  struct Pending {
    Pending(std::uint64_t number, IpAddress from, std::shared_ptr<LogonReader> logon_reader, asio::io_context& io)
        : id(number), address(from), reader(std::move(logon_reader)), timer(io) {}

    std::uint64_t id;
    IpAddress address;
    std::shared_ptr<LogonReader> reader;
    asio::steady_timer timer;  // to the disconnect after a failure
    SteadyTime logon_at;
    std::string session_id;
    std::string comp_id;
    bool waits_for_session = false;
  };
  using PendingPtr = std::shared_ptr<Pending>;

  void accept() {
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (error) {
        // Out of descriptors or memory: those who wait are kept by the kernel until some are free.
        audit("", "", "cannot accept a connection: " + error.message());
        accept_timer_.expires_after(kAcceptRetry);
        accept_timer_.async_wait([this](const error_code& cancelled) {
          if (!cancelled && acceptor_.is_open()) accept();
        });
        return;
      }
      ++counters_.accepted;
      consider(std::move(socket));
      accept();
    });
  }

  // Before a byte is read.
  void consider(tcp::socket socket) {
    error_code error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) return;  // gone already
    const IpAddress address = address_of(remote.address());
    const std::string name = config::Endpoint{address.to_string(), remote.port()}.to_string();
    const bool allowed = std::any_of(settings_.rules.begin(), settings_.rules.end(),
                                     [&](const LogonRule& rule) { return address.is_allowed(rule.allow_from); });
    if (!allowed) return refuse(name, counters_.refused_address, "the address is in no client's allow_from");
    if (address_lockout_.is_locked(address.to_string(), steady_now())) {
      return refuse(name, counters_.refused_address, "the address is locked out after too many failed logons");
    }
    std::size_t& from_address = per_address_[address];
    if (pending_.size() >= settings_.max_pending || from_address >= settings_.max_pending_per_address) {
      const bool total = pending_.size() >= settings_.max_pending;
      if (from_address == 0) per_address_.erase(address);
      return refuse(
          name, counters_.refused_full,
          total ? "too many connections without a Logon" : "too many connections without a Logon from this address");
    }
    ++from_address;
    const std::uint64_t id = ++last_id_;
    const auto reader = std::make_shared<LogonReader>(std::move(socket), tls_, name);
    const auto pending = std::make_shared<Pending>(id, address, reader, io_);
    pending_.emplace(id, pending);
    counters_.pending = pending_.size();
    reader->start(settings_.time_to_logon,
                  [this, pending](const LogonReader::Outcome& outcome) { on_outcome(pending, outcome); });
  }

  void refuse(const std::string& remote, std::atomic<std::uint64_t>& counter, const std::string& why) {
    ++counter;
    audit(remote, "", why);
  }

  void on_outcome(const PendingPtr& pending, const LogonReader::Outcome& outcome) {
    using Kind = LogonReader::Outcome::Kind;
    switch (outcome.kind) {
      case Kind::kFrame:
        return judge(pending);
      case Kind::kTimedOut:
        ++counters_.timed_out;
        break;
      case Kind::kClosed:
        break;
      case Kind::kNotFix:
        ++counters_.failed_logons;
        address_lockout_.record_failure(pending->address.to_string(), steady_now());
        break;
    }
    audit(pending->reader->remote(), "", outcome.why);
    drop(pending);
  }

  void judge(const PendingPtr& pending) {
    pending->logon_at = steady_now();
    LogonVerdict verdict =
        check_logon(pending->reader->frame(), settings_.rules, pending->address, pending->reader->peer());
    pending->comp_id = verdict.claimed_comp_id;
    if (verdict.rule != nullptr) pending->session_id = verdict.rule->session_id;
    if (!verdict.ok()) return fail(pending, verdict.failure, true, verdict.wrong_credentials);
    if (session_lockout_.is_locked(pending->session_id, pending->logon_at)) {
      return fail(pending, "the session is locked out after too many wrong passwords", true, false);
    }
    if (!verdict.needs_password()) return admit(pending);
    verify(pending, verdict.rule->password_hash->reveal(), std::move(verdict.password));
  }

  void verify(const PendingPtr& pending, const std::string& hash, std::string password) {
    if (password_checks_ >= settings_.max_password_checks) {
      return fail(pending, "too many passwords wait to be verified", false, false);
    }
    ++password_checks_;
    asio::post(passwords_, [this, pending, hash, password = std::move(password)]() mutable {
      const bool right = verify_password(hash, password);
      sodium_memzero(password.data(), password.size());
      asio::post(io_, [this, pending, right] {
        --password_checks_;
        if (!right) return fail(pending, "Password(554) is wrong", true, true);
        session_lockout_.forget(pending->session_id);
        admit(pending);
      });
    });
  }

  // The Logon is right.
  void admit(const PendingPtr& pending) {
    const auto rule = std::find_if(settings_.rules.begin(), settings_.rules.end(), [&](const LogonRule& candidate) {
      return candidate.session_id == pending->session_id && candidate.enabled;
    });
    if (rule == settings_.rules.end()) return fail(pending, "the session is no longer enabled", false, false);
    if (established_.contains(pending->session_id)) {
      if (pending->waits_for_session) return;
      pending->waits_for_session = true;
      return fail(pending, "the session is connected already", false, false);
    }
    pending->timer.cancel();
    established_.insert(pending->session_id);
    ++counters_.logged_on;
    auto logged_on = std::make_shared<LoggedOn>();
    logged_on->session_id = pending->session_id;
    logged_on->logon = pending->reader->frame();
    logged_on->stream = pending->reader->take_stream();
    drop(pending);
    asio::post(core_, [self = shared_from_this(), logged_on] {
      // Dropped with its socket where the acceptor is gone by now.
      if (!self->stopped_) self->events_.on_logged_on(std::move(*logged_on));
    });
  }

  // Every failure looks alike: the same time after the Logon, and not a word.
  void fail(const PendingPtr& pending, std::string why, bool counts_for_address, bool counts_for_session) {
    const SteadyTime now = steady_now();
    if (counts_for_address) address_lockout_.record_failure(pending->address.to_string(), now);
    if (counts_for_session && session_lockout_.record_failure(pending->session_id, now)) {
      why += "; the session " + pending->session_id + " is locked out";
    }
    const Duration left = pending->logon_at + settings_.failure_delay - now;
    pending->timer.expires_after(chrono_of(std::max(left, Duration())));
    pending->timer.async_wait([this, pending, why = std::move(why)](const error_code& cancelled) {
      if (cancelled || !pending_.contains(pending->id)) return;
      ++counters_.failed_logons;
      audit(pending->reader->remote(), pending->comp_id, why, pending->session_id);
      drop(pending);
    });
  }

  void drop(const PendingPtr& pending) {
    if (pending_.erase(pending->id) == 0) return;
    counters_.pending = pending_.size();
    const auto from_address = per_address_.find(pending->address);
    if (--from_address->second == 0) per_address_.erase(from_address);
    pending->reader->close();
  }

  void audit(const std::string& remote, const std::string& comp_id, const std::string& what,
             const std::string& session_id = "") {
    const SteadyTime now = steady_now();
    if (now - audit_second_ >= Duration::seconds(1)) {
      audit_second_ = now;
      audit_lines_ = 0;
    }
    if (audit_lines_ >= settings_.audit_lines_per_second) {
      ++audit_suppressed_;
      return;
    }
    ++audit_lines_;
    events_.on_audit(AuditLine{utc_now(), remote, comp_id, what, std::exchange(audit_suppressed_, 0), session_id});
  }

  asio::io_context io_{1};
  asio::io_context passwords_{1};
  asio::executor_work_guard<asio::io_context::executor_type> keep_door_{io_.get_executor()};
  asio::executor_work_guard<asio::io_context::executor_type> keep_passwords_{passwords_.get_executor()};
  asio::io_context& core_;
  AcceptorEvents& events_;
  std::shared_ptr<const TlsContext> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer accept_timer_;
  std::map<std::uint64_t, PendingPtr> pending_;
  std::map<IpAddress, std::size_t> per_address_;
  std::uint64_t last_id_ = 0;
  std::set<std::string> established_;  // sessions whose connection the core has
  std::size_t password_checks_ = 0;
  Lockout address_lockout_;
  Lockout session_lockout_;
  SteadyTime audit_second_;
  std::uint32_t audit_lines_ = 0;
  std::uint64_t audit_suppressed_ = 0;
  std::atomic<bool> stopped_{false};  // any thread
  std::thread door_thread_;
  std::thread password_thread_;
};

Result<std::unique_ptr<Acceptor>> Acceptor::open(AcceptorSettings settings, asio::io_context& core,
                                                 AcceptorEvents& events) {
  auto door = std::make_shared<Door>(std::move(settings), core, events);
  if (const Status status = door->open(); !status) return status.error();
  return std::unique_ptr<Acceptor>(new Acceptor(std::move(door)));
}

Acceptor::Acceptor(std::shared_ptr<Door> door) : door_(std::move(door)) {}
Acceptor::~Acceptor() {
  door_->stop();
}

void Acceptor::start() {
  door_->start();
}
const config::Endpoint& Acceptor::listening() const {
  return door_->listening_;
}

void Acceptor::set_rules(std::vector<LogonRule> rules) {
  door_->on_door([rules = std::move(rules)](Door& door) mutable { door.settings_.rules = std::move(rules); });
}
void Acceptor::set_enabled(const std::string& session_id, bool enabled) {
  door_->on_door([session_id, enabled](Door& door) { door.set_enabled(session_id, enabled); });
}
void Acceptor::session_ended(const std::string& session_id) {
  door_->on_door([session_id](Door& door) { door.session_ended(session_id); });
}
void Acceptor::stop_listening() {
  door_->on_door([](Door& door) { door.stop_listening(); });
}

AcceptorCounters Acceptor::counters() const {
  const auto& counters = door_->counters_;
  return {counters.accepted,      counters.refused_address, counters.refused_full, counters.timed_out,
          counters.failed_logons, counters.logged_on,       counters.pending};
}

}  // namespace portcullis::session
