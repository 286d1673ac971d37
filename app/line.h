#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/pace.h"
#include "gateway/messages_ahead.h"
#include "session/clock.h"
#include "session/connection.h"
#include "session/session.h"

// One counterparty's line: its FIX session and the connection that the session has at the moment.

namespace portcullis::app {

class Line final : public session::ConnectionHandler, public session::Wire {
 public:
  // What a line tells the core loop. Calls come on the core thread.
  class Owner {
   public:
    virtual ~Owner() = default;
    // Something happens on this line: until the next on_batch_end it may have work and bytes for its connection.
    virtual void on_touched(Line& line) = 0;
    // Behind the frame that is about to be handled stands what has been received since: a hint.
    virtual void on_following(Line& line, std::string_view unread) = 0;
    // Of what is handled soon, behind a few others (session::ConnectionHandler::on_coming): a hint.
    virtual void on_coming(Line& line, std::string_view unread, int step) = 0;
    // A whole frame has been found and is about to be handled.
    virtual void on_frame_begin() = 0;
    // The frames of one read are done: what was committed is to be flushed and released.
    virtual void on_batch_end() = 0;
    // The connection has ended and the session knows.
    virtual void on_line_closed(Line& line) = 0;
  };

  Line(std::string id, boost::asio::io_context& io, session::ReadySockets& ready, Owner& owner)
      : owner_(owner), io_(io), ready_(ready), id_(std::move(id)) {}
  // A client's: what happens when it is too fast.
  void set_pace(const Pace& pace) { pace_.emplace(pace); }
  void set_session(std::unique_ptr<session::Session> session) {
    session_ = std::move(session);
    answered_ = 0;
    if (session_ != nullptr) session_id_ = session_->id();
  }

  const std::string& id() const { return id_; }
  order::SessionId session_id() const { return session_id_; }
  session::Session& fix() { return *session_; }
  const session::Session& fix() const { return *session_; }

  // A client's connection that the door has authenticated.
  void accept(session::Stream stream, std::string_view logon);
  // A broker's connection that we made; our Logon goes out first.
  void connect(session::Stream stream, bool reset);

  // The owner's mark of the lines that it has heard of since the last batch ended.
  bool touched() const { return touched_; }
  void set_touched(bool touched) { touched_ = touched; }

  // What the messages that wait behind the one in hand will ask for.
  gateway::MessagesAhead& ahead() { return ahead_; }

  // Brings near what a message that goes out here will ask for; the second when the first has come.
  void look_ahead() const {
    session_->look_ahead();
    __builtin_prefetch(connection_.get());
  }
  void look_ahead_at_connection() const {
    if (connection_ != nullptr) connection_->look_ahead();
  }
  // Timers, and bytes that wait for the socket.
  void poll(session::Now now);
  void flush() {
    if (connection_ != nullptr) connection_->flush();
  }
  // For a token of its throttle: nothing is read until poll() finds one.
  bool waits() const { return waits_; }
  // False: nothing is read, whatever the throttle says.
  void set_reading(bool reading);

  bool has_connection() const { return connection_ != nullptr; }
  // No connection, and everybody has heard that the last one ended: the line may be taken away.
  bool idle() const { return connection_ == nullptr && ending_ == 0 && session_->phase() == session::SessionPhase::kDisconnected; }
  // Of the peer, while connected.
  std::string remote() const { return connection_ != nullptr ? connection_->remote() : std::string(); }
  Duration oldest_unsent_age(SteadyTime now) const {
    return connection_ != nullptr ? connection_->oldest_unsent_age(now) : Duration();
  }

 private:
  void update_reading();
  void wait_or_go_on(UtcTime now);

  void on_following(std::string_view unread) override { owner_.on_following(*this, unread); }
  void on_coming(std::string_view unread, int step) override { owner_.on_coming(*this, unread, step); }
  void on_frame(const fix::Frame& frame) override;
  void on_garbled(const char* why) override;
  void on_batch_end() override {
    batch_time_.reset();
    owner_.on_batch_end();
  }
  void on_closed(const session::CloseReason& reason) override;

  bool send(std::string_view bytes, SteadyTime now) override;
  std::size_t unsent_bytes() const override { return connection_ != nullptr ? connection_->unsent_bytes() : 0; }
  void close_when_sent(std::string_view why) override;

  // What each message asks for stands first.
  Owner& owner_;
  std::unique_ptr<session::Session> session_;
  std::unique_ptr<session::Connection> connection_;
  order::SessionId session_id_;  // the session's, which need not be near for it
  bool may_read_ = true;
  bool waits_ = false;  // for a token
  bool touched_ = false;
  int ending_ = 0;                          // connections whose end is still to be told
  std::optional<session::Now> batch_time_;  // of the frames of one read: the clock is read once
  std::optional<Pace> pace_;
  std::uint64_t answered_ = 0;  // of the session's counter, what its pace knows of
  gateway::MessagesAhead ahead_;
  boost::asio::io_context& io_;
  session::ReadySockets& ready_;
  const std::string id_;
};

}  // namespace portcullis::app
