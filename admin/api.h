#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "admin/http.h"
#include "admin/port.h"

namespace portcullis::admin {

// What an endpoint may use. The server implements it; all of it is called on the admin thread.
class Api {
 public:
  virtual ~Api() = default;

  virtual Views& views() = 0;
  virtual UtcTime now() = 0;
  // The server's own metrics, beside those of views().
  virtual std::vector<MetricView> server_metrics() = 0;

  // Runs `query` on the blotter's worker thread and replies with what it returns; 503 when too many
  // wait already.
  virtual void read(Reply reply, std::function<Response(History&)> query) = 0;

  // Submits a command and replies with what became of it: 200 done, 202 a proposal that waits for a
  // second person, or the problem; 504 when the core does not answer in time.
  virtual void submit(const Request& request, Command command, Reply reply) = 0;
};

struct Parameter {
  enum class In : std::uint8_t { kPath, kQuery, kHeader };
  std::string name;
  In in = In::kPath;
  bool required = true;
  std::string description;
  std::string type = "string";  // string, integer, boolean
};

struct Answer {
  unsigned status = 200;
  std::string description;
  std::string schema;  // a name in admin/schemas.cc; "[Name]" for a list of it; empty: not JSON
};

// One line of the registry: what the server routes, checks and documents by.
struct Endpoint {
  std::string method;
  std::string path;          // "/orders/{order_id}", under /api/v1
  std::optional<Role> role;  // the least; nothing: no token is asked for
  std::string summary;
  std::vector<Parameter> parameters;
  std::string request_schema;  // of the body; empty: no body
  std::vector<Answer> answers;
  std::function<void(Api&, const Request&, Reply)> handle;
};

}  // namespace portcullis::admin
