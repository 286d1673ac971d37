#include "session/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "session/clock.h"

namespace portcullis::session {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// Two of the largest messages: when what is left of one has moved to the front, a whole one still fits.
constexpr std::size_t kReceiveBytes = 2 * fix::kMaxFrameBytes;
// One read of ciphertext; less than what is always free in the receive buffer.
constexpr std::size_t kCipherBytes = 32 * 1024;
// Where a batch is larger, it is encrypted in steps, so that TLS holds no second copy of 4 MiB.
constexpr std::size_t kEncryptBytes = 64 * 1024;
constexpr std::size_t kSendReserve = 64 * 1024;
// Bytes that the kernel may hold unsent. Without it megabytes of its buffer would hide a slow reader
// from unsent_bytes() and oldest_unsent_age().
constexpr int kKernelUnsentBytes = 64 * 1024;

}  // namespace

class alignas(64) Connection::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Stream stream, ConnectionHandler& handler)
      : handler_(&handler),
        tls_(std::move(stream.tls)),
        received_(std::make_unique_for_overwrite<char[]>(kReceiveBytes)),
        socket_(io),
        close_timer_(io),
        peer_(std::move(stream.peer)),
        remote_(std::move(stream.remote)) {
    PORTCULLIS_CHECK(stream.received.size() <= fix::kMaxFrameBytes, "more read ahead than 64 KiB");
    socket_.assign(stream.ipv6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), stream.socket.release());
    error_code ignored;  // these are wishes; the connection works without
    socket_.non_blocking(true, ignored);
    using UnsentLimit = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;
    socket_.set_option(UnsentLimit(kKernelUnsentBytes), ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    std::copy(stream.received.begin(), stream.received.end(), received_.get());
    end_ = stream.received.size();
    bytes_received_ = end_;
    if (tls_ != nullptr) {
      tls_->keep_buffers();
      cipher_.resize(kCipherBytes);
    }
    filling_.reserve(kSendReserve);
    sending_.reserve(kSendReserve);
  }

  void start() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      // TLS may hold records that came with the last of the handshake.
      if (self->open_ && self->decrypt()) self->hand_over_and_read();
    });
  }

  bool send(std::string_view bytes, SteadyTime now) {
    if (!open_ || closing_) return false;
    if (unsent_bytes() + bytes.size() > kMaxUnsentBytes) {
      close(CloseCause::kSlowReader, "slow reader: more than 4 MiB waited to be sent to " + remote_);
      return false;
    }
    if (filling_.empty()) filling_since_ = now;
    filling_.append(bytes);
    return true;
  }

  void flush() {
    if (!open_ || writing_) return;
    for (;;) {
      if (sent_ == sending_.size() && !refill()) return;
      error_code error;
      const std::size_t size =
          socket_.write_some(asio::buffer(sending_.data() + sent_, sending_.size() - sent_), error);
      if (error == asio::error::would_block || error == asio::error::try_again) break;
      if (error) return fail(error);
      sent_ += size;
      bytes_sent_ += size;
      if (sent_ < sending_.size() || !filling_.empty()) continue;
      // All is sent: what comes next is put into the same memory, and not in turn into that of two buffers.
      sending_.clear();
      sent_ = 0;
      sending_.swap(filling_);
    }
    writing_ = true;
    socket_.async_write_some(asio::buffer(sending_.data() + sent_, sending_.size() - sent_),
                             [self = shared_from_this()](const error_code& error, std::size_t size) {
                               self->writing_ = false;
                               if (!self->open_) return;
                               if (error) return self->fail(error);
                               self->sent_ += size;
                               self->bytes_sent_ += size;
                               self->flush();
                             });
  }

  void pause_reading() { paused_ = true; }

  void resume_reading() {
    if (!paused_) return;
    paused_ = false;
    // A read that was under way when reading was paused continues by itself.
    if (!open_ || reading_ || resuming_) return;
    resuming_ = true;
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      self->resuming_ = false;
      if (self->open_ && !self->reading_) self->hand_over_and_read();
    });
  }

  void close(CloseCause cause, std::string text) {
    if (!open_) return;
    if (closing_) {
      // However it ends, it ends because we wanted it to.
      cause = CloseCause::kByUs;
      text = closing_text_;
    }
    open_ = false;
    shut();
    asio::post(socket_.get_executor(), [self = shared_from_this(), reason = CloseReason{cause, std::move(text)}] {
      ConnectionHandler* handler = std::exchange(self->handler_, nullptr);
      if (handler != nullptr) handler->on_closed(reason);
    });
  }

  void close_when_sent(std::string text, Duration limit) {
    if (!open_ || closing_) return;
    closing_ = true;
    closing_text_ = std::move(text);
    close_timer_.expires_after(std::chrono::nanoseconds(limit.ns()));
    close_timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->close(CloseCause::kByUs, self->closing_text_);
    });
    // From here on what arrives is read and ignored: closing a socket with unread bytes would reset the
    // connection, and the peer might lose the Logout.
    begin_ = end_ = 0;
    paused_ = false;
    if (!reading_ && !handing_over_) read();
    flush();
  }

  void abandon() {
    handler_ = nullptr;
    if (!open_) return;
    open_ = false;
    shut();
  }

  std::size_t unsent_bytes() const { return lost_ + sending_.size() - sent_ + filling_.size() - taken_; }

  Duration oldest_unsent_age(SteadyTime now) const {
    if (sent_ < sending_.size()) return now - sending_since_;
    return taken_ < filling_.size() ? now - filling_since_ : Duration();
  }

  bool is_open() const { return open_; }
  bool reading_paused() const { return paused_; }
  const std::string& remote() const { return remote_; }
  const PeerIdentity& peer() const { return peer_; }
  bool is_tls() const { return tls_ != nullptr; }
  std::uint64_t bytes_received() const { return bytes_received_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  const fix::Framer& framer() const { return framer_; }

 private:
  // Moves what waits into the empty sending buffer, encrypted where it must be. False: nothing waits.
  bool refill() {
    const bool any = taken_ < filling_.size();
    if (!any && tls_ == nullptr && !closing_) return false;
    sending_.clear();
    sent_ = 0;
    sending_since_ = any ? filling_since_ : steady_now();
    if (tls_ == nullptr) {
      if (any) sending_.swap(filling_);
    } else {
      const std::string_view plain = std::string_view(filling_).substr(taken_, kEncryptBytes);
      if (!tls_->write(plain)) {
        close(CloseCause::kFailed, tls_->failure());
        return false;
      }
      taken_ += plain.size();
      if (taken_ == filling_.size()) {
        filling_.clear();
        taken_ = 0;
      }
      if (!any && closing_) tls_->shutdown();
      tls_->take_output(sending_);
    }
    if (sending_.empty() && closing_) {
      error_code ignored;  // a socket that cannot be shut down is about to fail its read
      socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    }
    return !sending_.empty();
  }

  void read() {
    reading_ = true;
    const auto buffer = tls_ != nullptr ? asio::buffer(cipher_.data(), cipher_.size())
                                        : asio::buffer(received_.get() + end_, kReceiveBytes - end_);
    socket_.async_read_some(buffer, [self = shared_from_this()](const error_code& error, std::size_t size) {
      self->reading_ = false;
      if (!self->open_) return;
      if (error) return self->fail(error);
      if (self->tls_ != nullptr) {
        self->tls_->feed({self->cipher_.data(), size});
        // What came with a close_notify or a failure was handed over before the connection closed.
        if (!self->decrypt()) return;
      } else {
        self->end_ += size;
        self->bytes_received_ += size;
      }
      self->hand_over_and_read();
    });
  }

  // Moves plain bytes into the receive buffer. False: the stream has ended.
  bool decrypt() {
    if (tls_ == nullptr) return true;
    const TlsStream::ReadResult result = tls_->read(received_.get() + end_, kReceiveBytes - end_);
    end_ += result.size;
    bytes_received_ += result.size;
    switch (result.progress) {
      case TlsStream::Progress::kDone:
      case TlsStream::Progress::kWantInput:
        break;
      case TlsStream::Progress::kClosed:
        hand_over();
        close(CloseCause::kByPeer, remote_ + " closed the connection");
        return false;
      case TlsStream::Progress::kFailed:
        hand_over();
        close(CloseCause::kFailed, tls_->failure());
        return false;
    }
    flush();  // TLS may have to answer, a key update for instance
    return open_;
  }

  void hand_over_and_read() {
    hand_over();
    if (open_ && !paused_ && !reading_) read();
  }

  // Every whole message in the buffer, unless the handler pauses or closes on the way.
  void hand_over() {
    bool any = false;
    handing_over_ = true;
    while (open_ && !paused_ && !closing_) {
      const fix::Framer::Step step = framer_.next({received_.get() + begin_, end_ - begin_});
      begin_ += step.consumed;
      if (step.found == fix::Framer::Found::kNeedMore) break;
      if (step.found == fix::Framer::Found::kTooLarge) {
        close(CloseCause::kNotFix, remote_ + " sent what is no FIX message: " + step.why);
        break;
      }
      any = true;
      if (step.found == fix::Framer::Found::kFrame) {
        if (begin_ != end_) handler_->on_following({received_.get() + begin_, end_ - begin_});
        handler_->on_frame(step.frame);
      } else {
        handler_->on_garbled(step.why);
      }
    }
    handing_over_ = false;
    if (closing_) begin_ = end_;
    if (begin_ == end_) {
      begin_ = end_ = 0;
    } else if (!paused_ && kReceiveBytes - end_ < fix::kMaxFrameBytes) {
      std::memmove(received_.get(), received_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (any && handler_ != nullptr) handler_->on_batch_end();
  }

  void fail(const error_code& error) {
    if (error == asio::error::eof) return close(CloseCause::kByPeer, remote_ + " closed the connection");
    close(CloseCause::kFailed, "connection to " + remote_ + " lost: " + error.message());
  }

  void shut() {
    close_timer_.cancel();
    lost_ = unsent_bytes();
    error_code ignored;  // the socket is given up whatever it says
    if (tls_ != nullptr && !writing_ && sent_ == sending_.size()) {
      tls_->shutdown();
      sending_.clear();
      sent_ = 0;
      tls_->take_output(sending_);
      socket_.write_some(asio::buffer(sending_), ignored);
    }
    sending_.clear();
    filling_.clear();
    sent_ = taken_ = 0;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  // What each message asks for stands side by side: where there are many connections, each line of it is out of the caches.
  bool open_ = true;
  bool closing_ = false;  // close_when_sent() was called
  bool paused_ = false;
  bool handing_over_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool resuming_ = false;
  ConnectionHandler* handler_;
  std::unique_ptr<TlsStream> tls_;
  // Not cleared, so that of a session whose messages are short a page or two are in memory, and not all of it.
  std::unique_ptr<char[]> received_;
  std::size_t begin_ = 0;  // of what is not yet consumed in received_
  std::size_t end_ = 0;
  std::string filling_;    // plain bytes for the next write
  std::size_t taken_ = 0;  // of filling_, already in sending_
  std::string sending_;    // as they go to the socket
  std::size_t sent_ = 0;
  std::size_t lost_ = 0;  // unsent when the socket was closed
  SteadyTime filling_since_;
  SteadyTime sending_since_;
  std::uint64_t bytes_received_ = 0;
  std::uint64_t bytes_sent_ = 0;
  fix::Framer framer_;
  asio::ip::tcp::socket socket_;

  std::vector<char> cipher_;
  asio::steady_timer close_timer_;
  PeerIdentity peer_;
  std::string remote_;
  std::string closing_text_;
};

Connection::Connection(asio::io_context& io, Stream stream, ConnectionHandler& handler)
    : impl_(std::make_shared<Impl>(io, std::move(stream), handler)) {}
Connection::~Connection() {
  impl_->abandon();
}

void Connection::start() {
  impl_->start();
}
bool Connection::send(std::string_view bytes, SteadyTime now) {
  return impl_->send(bytes, now);
}
void Connection::flush() {
  impl_->flush();
}
void Connection::look_ahead() const {
  for (std::size_t at = 0; at < 4 * 64; at += 64) __builtin_prefetch(reinterpret_cast<const char*>(impl_.get()) + at);
}
void Connection::pause_reading() {
  impl_->pause_reading();
}
void Connection::resume_reading() {
  impl_->resume_reading();
}
bool Connection::reading_paused() const {
  return impl_->reading_paused();
}
void Connection::close(std::string text) {
  impl_->close(CloseCause::kByUs, std::move(text));
}
void Connection::close_when_sent(std::string text, Duration limit) {
  impl_->close_when_sent(std::move(text), limit);
}
bool Connection::is_open() const {
  return impl_->is_open();
}
std::size_t Connection::unsent_bytes() const {
  return impl_->unsent_bytes();
}
Duration Connection::oldest_unsent_age(SteadyTime now) const {
  return impl_->oldest_unsent_age(now);
}
const std::string& Connection::remote() const {
  return impl_->remote();
}
const PeerIdentity& Connection::peer() const {
  return impl_->peer();
}
bool Connection::is_tls() const {
  return impl_->is_tls();
}
std::uint64_t Connection::bytes_received() const {
  return impl_->bytes_received();
}
std::uint64_t Connection::bytes_sent() const {
  return impl_->bytes_sent();
}
const fix::Framer& Connection::framer() const {
  return impl_->framer();
}

}  // namespace portcullis::session
