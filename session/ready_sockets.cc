#include "session/ready_sockets.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/check.h"

namespace portcullis::session {

namespace {

// One round, as many as Asio takes at a time: what a round has brought is released before the next one.
constexpr std::size_t kRound = 128;

// What stands side by side at the beginning of a connection (session/connection_impl.h).
constexpr std::size_t kNearBytes = std::size_t{5} * 64;

// A socket's turns: its user is brought near, it receives, it looks ahead, and its bytes are handed over.
constexpr std::size_t kReceiveTurn = 1;
constexpr std::size_t kLookTurn = 2;
constexpr std::size_t kHandOverTurn = kLookTurn + ReadySockets::kLooks;

}  // namespace

ReadySockets::ReadySockets(boost::asio::io_context& io) : poll_(epoll_create1(EPOLL_CLOEXEC)), watch_(io) {
  const int copy = dup(poll_.get());
  PORTCULLIS_CHECK(poll_.is_open() && copy >= 0, "no descriptor is left for an epoll instance");
  watch_.assign(copy);
  round_.reserve(kRound);
  queue_.reserve(kRound);
}

std::uint32_t ReadySockets::add(int socket, std::shared_ptr<Socket> user) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const std::uint32_t place = free_.back();
  epoll_event event{};
  // An end is told beside what has come before it, so that a read that finds less than it has room for is the last one.
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
  event.data.u32 = place;
  if (epoll_ctl(poll_.get(), EPOLL_CTL_ADD, socket, &event) != 0) return kNone;
  free_.pop_back();
  places_[place].user = std::move(user);
  places_[place].events = 0;
  arm();
  return place;
}

void ReadySockets::remove(std::uint32_t place) {
  // It may be what is on the stack; and its place may be in the round.
  removed_.push_back(std::exchange(places_[place].user, nullptr));
  freed_.push_back(place);
  if (!running_) give_back();
}

void ReadySockets::give_back() {
  removed_.clear();
  free_.insert(free_.end(), freed_.begin(), freed_.end());
  freed_.clear();
}

void ReadySockets::again(std::uint32_t place) {
  if (places_[place].queued) return;
  places_[place].queued = true;
  queue_.push_back(place);
  if (!running_) post();
}

void ReadySockets::post() {
  if (posted_) return;
  posted_ = true;
  boost::asio::post(watch_.get_executor(), [this] {
    posted_ = false;
    run();
  });
}

void ReadySockets::arm() {
  if (armed_) return;
  armed_ = true;
  watch_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    armed_ = false;
    run();
  });
}

void ReadySockets::take_ready() {
  std::array<epoll_event, kRound> ready;
  const int count = epoll_wait(poll_.get(), ready.data(), static_cast<int>(ready.size()), 0);
  for (int i = 0; i < count; ++i) {
    places_[ready[i].data.u32].events |= ready[i].events;
    again(ready[i].data.u32);
  }
}

ReadySockets::Socket* ReadySockets::in_turn(std::size_t number) {
  return number < round_.size() ? places_[round_[number].place].user.get() : nullptr;
}

void ReadySockets::receive(Turn& turn) {
  Place& place = places_[turn.place];
  place.queued = false;
  const std::uint32_t events = std::exchange(place.events, 0);
  if (place.user != nullptr) turn.received = place.user->receive(events);
}

void ReadySockets::run() {
  running_ = true;
  take_ready();
  round_.clear();
  for (const std::uint32_t place : queue_) round_.push_back(Turn{place, false});
  queue_.clear();
  for (std::size_t i = 0; i < round_.size() + kHandOverTurn; ++i) {
    if (const Socket* const first = in_turn(i)) {
      const char* const begin = reinterpret_cast<const char*>(first);
      for (std::size_t at = 0; at < kNearBytes; at += 64) __builtin_prefetch(begin + at);
    }
    if (i >= kReceiveTurn && i - kReceiveTurn < round_.size()) receive(round_[i - kReceiveTurn]);
    for (int step = 0; step < kLooks; ++step) {
      const std::size_t number = i - kLookTurn - static_cast<std::size_t>(step);  // wraps to beyond the last
      Socket* const socket = in_turn(number);
      if (socket != nullptr && round_[number].received) socket->look_ahead(step);
    }
    const std::size_t number = i - kHandOverTurn;
    Socket* const last = in_turn(number);
    if (last != nullptr && round_[number].received) last->hand_over_received();
  }
  running_ = false;
  give_back();
  if (queue_.empty()) return arm();
  post();
}

}  // namespace portcullis::session
