#include "app/broker_link.h"

#include "app/log.h"

namespace portcullis::app {

Result<std::unique_ptr<BrokerLink>> BrokerLink::open(const config::Broker& broker, boost::asio::io_context& io, Line& line) {
  std::unique_ptr<BrokerLink> link(new BrokerLink(broker, line));
  auto initiator = session::Initiator::open(session::initiator_settings(broker), io, *link);
  if (!initiator) return Error{"broker " + broker.id + ": " + initiator.error().what};
  link->initiator_ = std::move(initiator).value();
  return link;
}

void BrokerLink::on_line_closed() { initiator_->disconnected(line_.fix().why_down()); }

void BrokerLink::on_connected(session::Stream stream, const config::Endpoint& host) {
  log_info("broker_connected", {{"broker", line_.id()}, {"address", host.to_string()}});
  line_.connect(std::move(stream), reset_on_logon_);
}

void BrokerLink::on_connect_failed(const std::string& why) {
  log_warning("broker_connect_failed", {{"broker", line_.id()}, {"why", why}});
}

}  // namespace portcullis::app
