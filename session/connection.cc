#include "session/connection.h"

#include <memory>
#include <utility>

#include "session/connection_impl.h"

namespace portcullis::session {

Connection::Connection(asio::io_context& io, Stream stream, ConnectionHandler& handler, ReadySockets* ready)
    : impl_(std::make_shared<Impl>(io, std::move(stream), handler, ready)) {}
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
