#include "app/line.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace portcullis::app {
namespace {

// A last message (a Logout) has this long to reach a peer that reads slowly.
constexpr Duration kLastWords = Duration::seconds(2);

session::Now now() {
  return {session::utc_now(), session::steady_now()};
}

}  // namespace

void Line::accept(session::Stream stream, std::string_view logon) {
  connection_ = std::make_unique<session::Connection>(io_, std::move(stream), *this, &ready_);
  connection_->start();
  waits_ = false;
  update_reading();
  owner_.on_touched(*this);
  session_->accept(*this, logon, now());
  owner_.on_batch_end();
}

void Line::connect(session::Stream stream, bool reset) {
  connection_ = std::make_unique<session::Connection>(io_, std::move(stream), *this, &ready_);
  connection_->start();
  update_reading();
  owner_.on_touched(*this);
  session_->connect(*this, reset, now());
  owner_.on_batch_end();
}

void Line::poll(session::Now time) {
  session_->poll(time);
  if (waits_) wait_or_go_on(time.utc);
  flush();
}

void Line::set_reading(bool may_read) {
  may_read_ = may_read;
  update_reading();
}

void Line::wait_or_go_on(UtcTime time) {
  waits_ = pace_->must_wait(time);
  update_reading();
}

void Line::update_reading() {
  const bool reading = may_read_ && !waits_;
  if (connection_ == nullptr || connection_->reading_paused() == !reading) return;
  if (reading) {
    connection_->resume_reading();
  } else {
    connection_->pause_reading();
  }
}

void Line::on_frame(const fix::Frame& frame) {
  owner_.on_frame_begin();
  if (!batch_time_) {
    batch_time_ = now();
    owner_.on_touched(*this);
  }
  const session::Now time = *batch_time_;
  const bool too_fast = pace_ && pace_->breaks(frame, time.utc);
  session_->on_frame(frame.bytes, time);
  if (!pace_) return;
  if (too_fast && session_->phase() == session::SessionPhase::kLoggedOn) session_->expel(pace_->reason(), time);
  if (const std::uint64_t answered = session_->counters().answered; answered != answered_) [[unlikely]] {
    const bool may = pace_->may_be_answered(answered - std::exchange(answered_, answered), time.utc);
    if (!may && session_->phase() == session::SessionPhase::kLoggedOn) session_->expel(Pace::answers_reason(), time);
  } else {
    pace_->took(frame, time.utc);
  }
  wait_or_go_on(time.utc);
}

// FIX: a garbled message is ignored and uses no number; the peer's next one shows the gap.
void Line::on_garbled(const char*) {}

void Line::on_closed(const session::CloseReason& reason) {
  batch_time_.reset();
  owner_.on_touched(*this);
  session_->on_closed(reason.text, now());
  ++ending_;
  // The connection is on the stack of this call; it goes when the stack is unwound.
  boost::asio::post(io_, [this, ended = std::shared_ptr<session::Connection>(std::move(connection_))]() mutable {
    ended.reset();
    --ending_;
    owner_.on_line_closed(*this);
  });
  owner_.on_batch_end();
}

bool Line::send(std::string_view bytes, SteadyTime time) {
  return connection_ != nullptr && connection_->send(bytes, time);
}

void Line::close_when_sent(std::string_view why) {
  if (connection_ != nullptr) connection_->close_when_sent(std::string(why), kLastWords);
}

}  // namespace portcullis::app
