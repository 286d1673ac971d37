#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>
#include <memory>
#include <string>

#include "admin/dispatcher.h"
#include "admin/stream_feed.h"

namespace portcullis::admin {

// What the connections share; outlives them.
struct ConnectionContext {
  const ServerOptions& options;
  Dispatcher& dispatcher;
  StreamFeed& feed;
};

// Takes over a connection whose client asked for /api/v1/stream; Host and Origin were checked. The
// token comes as the subprotocol "bearer.TOKEN" beside "portcullis.v1", or as the first message
// {"token": "…"} within stream_token_timeout_ms. `lease` is dropped when the connection ends.
void run_stream(ConnectionContext& context, boost::beast::tcp_stream stream,
                boost::beast::http::request<boost::beast::http::string_body> upgrade, std::string address,
                std::shared_ptr<void> lease);

}  // namespace portcullis::admin
