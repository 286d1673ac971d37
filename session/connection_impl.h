#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "session/clock.h"
#include "session/connection.h"
#include "session/ready_sockets.h"

// The one implementation of session/connection.h, in a file of its own for its length.

namespace portcullis::session {

namespace asio = boost::asio;
using boost::system::error_code;

class alignas(64) Connection::Impl final : public ReadySockets::Socket, public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, Stream stream, ConnectionHandler& handler, ReadySockets* ready)
      : handler_(&handler),
        ready_(ready),
        tls_(std::move(stream.tls)),
        received_(std::make_unique_for_overwrite<char[]>(kReceiveBytes)),
        socket_(io),
        close_timer_(io),
        peer_(std::move(stream.peer)),
        remote_(std::move(stream.remote)) {
    PORTCULLIS_CHECK(stream.received.size() <= fix::kMaxFrameBytes, "more read ahead than 64 KiB");
    descriptor_ = stream.socket.get();
    ipv6_ = stream.ipv6;
    assign(stream.socket);
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
      const ssize_t size = ::send(descriptor_, sending_.data() + sent_, sending_.size() - sent_, MSG_NOSIGNAL);
      if (size < 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        return fail(last_error());
      }
      sent_ += static_cast<std::size_t>(size);
      bytes_sent_ += static_cast<std::uint64_t>(size);
      if (sent_ < sending_.size() || !filling_.empty()) continue;
      // All is sent: what comes next is put into the same memory, and not in turn into that of two buffers.
      sending_.clear();
      sent_ = 0;
      sending_.swap(filling_);
    }
    writing_ = true;
    if (place_ != ReadySockets::kNone) return;  // receive() is told when there is room
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
  // Two of the largest messages: when what is left of one has moved to the front, a whole one still fits.
  static constexpr std::size_t kReceiveBytes = 2 * fix::kMaxFrameBytes;
  // One read of ciphertext; less than what is always free in the receive buffer.
  static constexpr std::size_t kCipherBytes = 32 * 1024;
  // Where a batch is larger, it is encrypted in steps, so that TLS holds no second copy of 4 MiB.
  static constexpr std::size_t kEncryptBytes = 64 * 1024;
  static constexpr std::size_t kSendReserve = 64 * 1024;
  // Bytes that the kernel may hold unsent. Without it megabytes of its buffer would hide a slow reader
  // from unsent_bytes() and oldest_unsent_age().
  static constexpr int kKernelUnsentBytes = 64 * 1024;

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
      ::shutdown(descriptor_, SHUT_WR);  // a socket that cannot be shut down is about to fail its read
    }
    return !sending_.empty();
  }

  static error_code last_error() { return {errno, asio::error::get_system_category()}; }

  void assign(FileDescriptor& socket) {
    socket_.assign(ipv6_ ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket.release());
  }

  asio::mutable_buffer room() {
    return tls_ != nullptr ? asio::buffer(cipher_.data(), cipher_.size())
                           : asio::buffer(received_.get() + end_, kReceiveBytes - end_);
  }

  void read() {
    reading_ = true;
    if (place_ == ReadySockets::kNone && ready_ != nullptr && ready_->wanted() && !writing_) move_to_ready();
    if (place_ != ReadySockets::kNone) {
      if (unread_) ready_->again(place_);
      return;
    }
    socket_.async_read_some(room(), [self = shared_from_this()](const error_code& error, std::size_t size) {
      self->reading_ = false;
      if (!self->open_) return;
      if (error) return self->fail(error);
      self->take(size);
    });
  }

  // From Asio's sockets to those that are read in a row. A connection stays there.
  void move_to_ready() {
    FileDescriptor socket(socket_.release());
    place_ = ready_->add(socket.get(), shared_from_this());
    if (place_ == ReadySockets::kNone) return assign(socket);
    socket.release();  // is descriptor_, and closed by shut()
  }

  bool receive(std::uint32_t events) override {
    if (!open_) return false;
    if ((events & EPOLLOUT) != 0 && writing_) {
      writing_ = false;
      flush();
      if (!open_) return false;
    }
    // Behind these a read that is not full may have left something, an end for instance.
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI)) != 0) more_to_come_ = true;
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) unread_ = true;
    if (!unread_ || !reading_) return false;
    const asio::mutable_buffer room = this->room();
    ssize_t size = 0;
    do {
      size = ::recv(descriptor_, room.data(), room.size(), 0);
    } while (size < 0 && errno == EINTR);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      unread_ = false;
      return false;
    }
    reading_ = false;
    read_error_ = size < 0 ? last_error() : size == 0 ? error_code(asio::error::eof) : error_code();
    read_size_ = size < 0 ? 0 : static_cast<std::size_t>(size);
    unread_ = more_to_come_ || read_size_ == room.size();
    __builtin_prefetch(handler_);
    return true;
  }

  void look_ahead(int step) override {
    if (!open_ || tls_ != nullptr) return;
    handler_->on_coming({received_.get() + begin_, end_ - begin_ + read_size_}, step);
  }

  void hand_over_received() override {
    if (!open_) return;
    if (read_error_) return fail(read_error_);
    take(std::exchange(read_size_, 0));
  }

  // What a read has brought.
  void take(std::size_t size) {
    if (tls_ != nullptr) {
      tls_->feed({cipher_.data(), size});
      // What came with a close_notify or a failure was handed over before the connection closed.
      if (!decrypt()) return;
    } else {
      end_ += size;
      bytes_received_ += size;
    }
    hand_over_and_read();
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
      ::send(descriptor_, sending_.data(), sending_.size(), MSG_NOSIGNAL);
    }
    sending_.clear();
    filling_.clear();
    sent_ = taken_ = 0;
    ::shutdown(descriptor_, SHUT_RDWR);
    if (place_ == ReadySockets::kNone) {
      socket_.close(ignored);
    } else {
      ready_->remove(std::exchange(place_, ReadySockets::kNone));
      FileDescriptor(std::exchange(descriptor_, -1)).reset();
    }
  }

  // What each message asks for stands side by side: where there are many connections, each line of it is out of the
  // caches.
  bool open_ = true;
  bool closing_ = false;  // close_when_sent() was called
  bool paused_ = false;
  bool handing_over_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool resuming_ = false;
  bool unread_ = false;        // among the ready sockets: the socket may have more
  bool more_to_come_ = false;  // and has it even where a read was not full
  bool ipv6_ = false;
  int descriptor_ = -1;                        // socket_'s, or our own among the ready sockets
  std::uint32_t place_ = ReadySockets::kNone;  // among them
  ConnectionHandler* handler_;
  ReadySockets* const ready_;
  std::unique_ptr<TlsStream> tls_;
  // Not cleared, so that of a session whose messages are short a page or two are in memory, and not all of it.
  std::unique_ptr<char[]> received_;
  std::size_t begin_ = 0;  // of what is not yet consumed in received_
  std::size_t end_ = 0;
  std::string filling_;    // plain bytes for the next write
  std::size_t taken_ = 0;  // of filling_, already in sending_
  std::string sending_;    // as they go to the socket
  std::size_t sent_ = 0;
  std::size_t read_size_ = 0;  // received and not taken yet
  error_code read_error_;
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

}  // namespace portcullis::session
