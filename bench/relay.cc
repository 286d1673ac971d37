#include "bench/relay.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <memory>

namespace portcullis::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// One direction: read what there is, write it, read again.
class Pump : public std::enable_shared_from_this<Pump> {
 public:
  Pump(std::shared_ptr<tcp::socket> from, std::shared_ptr<tcp::socket> to)
      : from_(std::move(from)), to_(std::move(to)) {}

  void run() {
    from_->async_read_some(asio::buffer(buffer_),
                           [self = shared_from_this()](const boost::system::error_code& failed, std::size_t size) {
                             if (failed) return self->close();
                             asio::async_write(*self->to_, asio::buffer(self->buffer_.data(), size),
                                               [self](const boost::system::error_code& not_written, std::size_t) {
                                                 if (not_written) return self->close();
                                                 self->run();
                                               });
                           });
  }

 private:
  void close() {
    boost::system::error_code ignored;  // one side is gone, so both are given up
    from_->close(ignored);
    to_->close(ignored);
  }

  std::shared_ptr<tcp::socket> from_, to_;
  std::array<char, 64 * 1024> buffer_;
};

void accept(tcp::acceptor& acceptor, std::uint16_t connect) {
  acceptor.async_accept([&acceptor, connect](const boost::system::error_code& failed, tcp::socket socket) {
    if (failed) return;
    auto near = std::make_shared<tcp::socket>(std::move(socket));
    auto far = std::make_shared<tcp::socket>(near->get_executor());
    far->connect({asio::ip::address_v4::loopback(), connect});
    near->set_option(tcp::no_delay(true));
    far->set_option(tcp::no_delay(true));
    std::make_shared<Pump>(near, far)->run();
    std::make_shared<Pump>(far, near)->run();
    accept(acceptor, connect);
  });
}

}  // namespace

int run_relay(std::uint16_t listen, std::uint16_t connect, bool spin) {
  asio::io_context io{1};
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), listen});
  accept(acceptor, connect);
  if (spin) {
    while (!io.stopped()) io.poll();
  } else {
    io.run();
  }
  return 0;
}

}  // namespace portcullis::bench
