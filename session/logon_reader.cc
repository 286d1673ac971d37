#include "session/logon_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>

namespace portcullis::session {

namespace asio = boost::asio;
using boost::system::error_code;

LogonReader::LogonReader(asio::ip::tcp::socket socket, const std::shared_ptr<const TlsContext>& tls, std::string remote)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), remote_(std::move(remote)) {
  if (tls != nullptr) {
    tls_ = std::make_unique<TlsStream>(tls);
    shaking_ = true;
  }
}

void LogonReader::start(Duration limit, std::function<void(const Outcome&)> done) {
  done_ = std::move(done);
  timer_.expires_after(std::chrono::nanoseconds(limit.ns()));
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->finish(Outcome::Kind::kTimedOut, "no Logon in time");
  });
  read();
}

void LogonReader::close() {
  done_ = nullptr;
  timer_.cancel();
  error_code ignored;  // the socket is given up whatever it says
  socket_.close(ignored);
}

void LogonReader::read() {
  socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](const error_code& error, std::size_t size) {
    if (self->done_ == nullptr) return;
    if (error) return self->finish(Outcome::Kind::kClosed, "closed before its Logon");
    if (self->tls_ != nullptr) {
      self->tls_->feed({self->chunk_.data(), size});
    } else {
      self->received_.append(self->chunk_.data(), size);
    }
    self->advance();
  });
}

void LogonReader::advance() {
  if (shaking_) return shake();
  if (tls_ != nullptr) {
    char plain[4096];
    TlsStream::ReadResult result;
    do {
      result = tls_->read(plain, sizeof plain);
      received_.append(plain, result.size);
    } while (result.progress == TlsStream::Progress::kDone && received_.size() <= kMaxLogonBytes);
    if (result.progress == TlsStream::Progress::kFailed) return finish(Outcome::Kind::kClosed, tls_->failure());
    if (result.progress == TlsStream::Progress::kClosed) {
      return finish(Outcome::Kind::kClosed, "closed before its Logon");
    }
  }
  find_frame();
}

void LogonReader::shake() {
  const TlsStream::Progress progress = tls_->handshake();
  tls_->take_output(outgoing_);
  switch (progress) {
    case TlsStream::Progress::kDone:
      shaking_ = false;
      peer_ = tls_->peer_identity();
      break;
    case TlsStream::Progress::kWantInput:
      break;
    case TlsStream::Progress::kClosed:
    case TlsStream::Progress::kFailed: {
      error_code ignored;  // the alert tells the other side why; it is a courtesy
      socket_.non_blocking(true, ignored);
      socket_.write_some(asio::buffer(outgoing_), ignored);
      return finish(Outcome::Kind::kClosed, tls_->failure());
    }
  }
  write_handshake();
}

void LogonReader::write_handshake() {
  if (outgoing_.empty()) return shaking_ ? read() : advance();
  asio::async_write(socket_, asio::buffer(outgoing_),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      if (self->done_ == nullptr) return;
                      if (error) return self->finish(Outcome::Kind::kClosed, "closed before its Logon");
                      self->outgoing_.clear();
                      // The Logon may have come with the last of the handshake.
                      if (self->shaking_) return self->read();
                      self->advance();
                    });
}

void LogonReader::find_frame() {
  const fix::Framer::Step step = framer_.next(received_);
  switch (step.found) {
    case fix::Framer::Found::kFrame:
      frame_ = std::string(step.frame.bytes);
      received_.erase(0, step.consumed);
      return finish(Outcome::Kind::kFrame, "");
    case fix::Framer::Found::kNeedMore:
      if (received_.size() >= kMaxLogonBytes) return finish(Outcome::Kind::kNotFix, "a Logon of more than 16 KiB");
      return read();
    case fix::Framer::Found::kGarbled:
    case fix::Framer::Found::kTooLarge:
      return finish(Outcome::Kind::kNotFix, step.why);
  }
}

Stream LogonReader::take_stream() {
  Stream stream;
  error_code error;
  stream.ipv6 = socket_.local_endpoint(error).protocol() == asio::ip::tcp::v6();
  const int fd = socket_.release(error);
  if (!error) stream.socket = FileDescriptor(fd);
  stream.tls = std::move(tls_);
  stream.peer = std::move(peer_);
  stream.remote = remote_;
  stream.received = std::move(received_);
  return stream;
}

void LogonReader::finish(Outcome::Kind kind, std::string why) {
  timer_.cancel();
  if (auto done = std::exchange(done_, nullptr)) done(Outcome{kind, std::move(why)});
}

}  // namespace portcullis::session
