#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "admin/stream_connection.h"

namespace portcullis::admin {

// Serves HTTP/1.1 on an accepted socket until either side ends it. `lease` is dropped then.
void run_http(ConnectionContext& context, boost::asio::ip::tcp::socket socket, std::string address,
              std::shared_ptr<void> lease);

}  // namespace portcullis::admin
