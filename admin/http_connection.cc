#include "admin/http_connection.h"

#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <optional>

namespace portcullis::admin {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

// Read and thrown away after a refusal, so that the client sees the answer and not a reset.
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;
constexpr auto kLingerFor = std::chrono::seconds(2);

std::string to_text(beast::string_view view) {
  return std::string(view.data(), view.size());
}

// Fields that smuggling plays with: each at most once, and no framing but a length or chunks.
std::optional<Response> refuse_framing(const http::request<http::string_body>& head) {
  if (head.version() != 11) return problem(400, "HTTP/1.1 was expected");
  for (const http::field field :
       {http::field::host, http::field::content_length, http::field::transfer_encoding, http::field::authorization,
        http::field::origin, http::field::content_type, http::field::if_match}) {
    if (head.count(field) > 1) return problem(400, "the header " + to_text(http::to_string(field)) + " stands twice");
  }
  if (head.count(http::field::host) == 0) return problem(400, "the header Host is missing");
  const bool has_encoding = head.count(http::field::transfer_encoding) > 0;
  if (has_encoding && !beast::iequals(head[http::field::transfer_encoding], "chunked")) {
    return problem(400, "a Transfer-Encoding other than chunked is not understood");
  }
  if (has_encoding && head.count(http::field::content_length) > 0) {
    return problem(400, "Content-Length and Transfer-Encoding stand side by side");
  }
  return std::nullopt;
}

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(ConnectionContext& context, asio::ip::tcp::socket socket, std::string address,
                 std::shared_ptr<void> lease)
      : context_(context), stream_(std::move(socket)), address_(std::move(address)), lease_(std::move(lease)) {}

  // A connection that says nothing may wait for idle_timeout_ms; a request that has begun has
  // request_timeout_ms to its last byte, however slowly it drips.
  void wait_for_request() {
    parser_.emplace();
    is_head_ = false;
    parser_->header_limit(context_.options.header_limit_bytes);
    parser_->body_limit(context_.options.body_limit_bytes);
    if (buffer_.size() > 0) return read_head();
    stream_.expires_after(std::chrono::milliseconds(context_.options.idle_timeout_ms));
    stream_.async_read_some(buffer_.prepare(kChunk),
                            [self = shared_from_this()](beast::error_code error, std::size_t n) {
                              if (error) return self->end();
                              self->buffer_.commit(n);
                              self->read_head();
                            });
  }

 private:
  static constexpr std::size_t kChunk = 4096;

  void read_head() {
    stream_.expires_after(std::chrono::milliseconds(context_.options.request_timeout_ms));
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (error) return self->refuse(error);
                              self->head_read();
                            });
  }

  void head_read() {
    const auto& head = parser_->get();
    // Answered like a GET, without the body (RFC 9110, 9.3.2).
    is_head_ = head.method() == http::verb::head;
    if (auto refusal = refuse_framing(head)) return answer(std::move(*refusal), false);
    const bool has_body = !parser_->is_done();
    const RequestHead request = read(head, has_body);
    auto admission = context_.dispatcher.admit(request);
    if (auto* refusal = std::get_if<Response>(&admission)) {
      // An unread body is never taken for the next request: the connection ends.
      return answer(std::move(*refusal), head.keep_alive() && !has_body);
    }
    if (std::holds_alternative<Dispatcher::StreamUpgrade>(admission)) return upgrade();
    admitted_ = std::move(std::get<Dispatcher::Admitted>(admission));
    if (!has_body) return handle();
    if (beast::iequals(head[http::field::expect], "100-continue")) return write_continue();
    read_body();
  }

  void write_continue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      [self = shared_from_this()](beast::error_code error, std::size_t) {
                        if (error) return self->end();
                        self->read_body();
                      });
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return self->refuse(error);
      self->handle();
    });
  }

  void handle() {
    stream_.expires_never();  // what follows has its own time-outs
    admitted_.request.body = std::move(parser_->get().body());
    const bool keep_alive = parser_->get().keep_alive();
    context_.dispatcher.handle(std::move(admitted_), [self = shared_from_this(), keep_alive](Response response) {
      self->answer(std::move(response), keep_alive);
    });
  }

  RequestHead read(const http::request<http::string_body>& head, bool has_body) const {
    RequestHead request;
    request.method = is_head_ ? "GET" : to_text(head.method_string());
    request.target = to_text(head.target());
    request.host = to_text(head[http::field::host]);
    request.origin = to_text(head[http::field::origin]);
    request.fetch_site = to_text(head["Sec-Fetch-Site"]);
    request.authorization = to_text(head[http::field::authorization]);
    request.content_type = to_text(head[http::field::content_type]);
    request.if_match = to_text(head[http::field::if_match]);
    request.accept = to_text(head[http::field::accept]);
    request.if_none_match = to_text(head[http::field::if_none_match]);
    request.accepts_gzip = http::token_list(head[http::field::accept_encoding]).exists("gzip");
    request.has_body = has_body;
    request.is_upgrade = beast::websocket::is_upgrade(head);
    request.address = address_;
    return request;
  }

  void upgrade() {
    if (context_.dispatcher.streams() >= context_.options.max_streams) {
      return answer(problem(503, "too many live streams are open"), false);
    }
    if (buffer_.size() > 0) return answer(problem(400, "bytes follow the upgrade request"), false);
    run_stream(context_, std::move(stream_), parser_->release(), address_, std::move(lease_));
  }

  void refuse(beast::error_code error) {
    if (error == http::error::header_limit)
      return answer(
          problem(431, "the request's head is over " + std::to_string(context_.options.header_limit_bytes) + " bytes"),
          false);
    if (error == http::error::body_limit)
      return answer(problem(413, "the body is over " + std::to_string(context_.options.body_limit_bytes) + " bytes"),
                    false);
    if (error == http::error::end_of_stream || error == beast::error::timeout || error == asio::error::eof ||
        error.category() == asio::error::get_system_category()) {
      return end();
    }
    answer(problem(400, "the request is no valid HTTP/1.1: " + error.message()), false);
  }

  void answer(Response response, bool keep_alive) {
    context_.dispatcher.count_answer(response.status);
    response_.emplace(static_cast<http::status>(response.status), 11);
    response_->reason(status_phrase(response.status));
    response_->set(http::field::server, "portcullis");
    response_->set(http::field::content_type, response.content_type);
    response_->set("X-Content-Type-Options", "nosniff");
    response_->set("X-Frame-Options", "DENY");
    response_->set("Referrer-Policy", "no-referrer");
    response_->set("Cross-Origin-Resource-Policy", "same-origin");
    response_->set("Cross-Origin-Opener-Policy", "same-origin");
    bool has_policy = false;
    bool has_etag = false;
    for (auto& [name, value] : response.headers) {
      has_policy = has_policy || name == "Content-Security-Policy";
      has_etag = has_etag || name == "ETag";
      response_->set(name, value);
    }
    if (!has_policy) response_->set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    response_->set(http::field::cache_control, has_etag ? "no-cache" : "no-store");
    response_->body() = std::move(response.body);
    response_->keep_alive(keep_alive);
    if (response.status == 304) {
      response_->erase(http::field::content_type);
    } else {
      response_->prepare_payload();
    }
    if (is_head_) response_->body().clear();  // the length stays
    stream_.expires_after(std::chrono::milliseconds(context_.options.request_timeout_ms));
    http::async_write(stream_, *response_,
                      [self = shared_from_this(), keep_alive](beast::error_code error, std::size_t) {
                        if (error) return self->end();
                        if (keep_alive) return self->wait_for_request();
                        self->linger();
                      });
  }

  void linger() {
    beast::error_code ignored_when_gone;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored_when_gone);
    stream_.expires_after(kLingerFor);
    discard(0);
  }

  void discard(std::size_t discarded) {
    if (discarded > kLingerBytes) return end();
    stream_.async_read_some(asio::buffer(rubbish_),
                            [self = shared_from_this(), discarded](beast::error_code error, std::size_t n) {
                              if (error) return self->end();
                              self->discard(discarded + n);
                            });
  }

  void end() { stream_.close(); }

  ConnectionContext& context_;
  beast::tcp_stream stream_;
  std::string address_;
  std::shared_ptr<void> lease_;
  beast::flat_buffer buffer_{64 * 1024};
  std::optional<http::request_parser<http::string_body>> parser_;
  Dispatcher::Admitted admitted_;
  std::optional<http::response<http::string_body>> response_;
  std::array<char, 16 * 1024> rubbish_;
  bool is_head_ = false;
};

}  // namespace

void run_http(ConnectionContext& context, asio::ip::tcp::socket socket, std::string address,
              std::shared_ptr<void> lease) {
  std::make_shared<HttpConnection>(context, std::move(socket), std::move(address), std::move(lease))
      ->wait_for_request();
}

}  // namespace portcullis::admin
