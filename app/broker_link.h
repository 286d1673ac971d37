#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/line.h"
#include "config/config.h"
#include "session/initiator.h"

// One broker's way to its line: connects, hands the stream over, and tries again when it has ended. On the
// core thread.

namespace portcullis::app {

class BrokerLink final : public session::InitiatorEvents {
 public:
  static Result<std::unique_ptr<BrokerLink>> open(const config::Broker& broker, boost::asio::io_context& io, Line& line);

  void start() { initiator_->start(); }
  void stop(std::string why) { initiator_->stop(std::move(why)); }
  // The line's connection has ended.
  void on_line_closed();
  // The broker has accepted our Logon.
  void on_logged_on() { initiator_->logged_on(); }

  Line& line() { return line_; }
  // In plain words; empty while connected.
  const std::string& why_down() const { return initiator_->why_down(); }
  session::Initiator::State state() const { return initiator_->state(); }

 private:
  BrokerLink(const config::Broker& broker, Line& line) : reset_on_logon_(broker.reset_on_logon), line_(line) {}

  void on_connected(session::Stream stream, const config::Endpoint& host) override;
  void on_connect_failed(const std::string& why) override;

  const bool reset_on_logon_;
  Line& line_;
  std::unique_ptr<session::Initiator> initiator_;
};

}  // namespace portcullis::app
