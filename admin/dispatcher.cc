#include "admin/dispatcher.h"

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "admin/assets.h"
#include "admin/endpoints/registry.h"
#include "admin/json.h"
#include "admin/request_checks.h"

namespace portcullis::admin {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kPrefix = "/api/v1";
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  for (std::size_t start = 1; start <= path.size();) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    segments.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return segments;
}

// What orchestrators, scrapers and tools look for at the root.
bool also_at_root(const std::string& path) {
  return path == "/health/live" || path == "/health/ready" || path == "/metrics" || path == "/openapi.json";
}

bool is_placeholder(const std::string& segment) {
  return segment.starts_with('{');
}

SteadyTime steady_now() {
  return SteadyTime::from_ns(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count());
}

bool is_json(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return type == "application/json" || type == "application/json ";
}

}  // namespace

Dispatcher::Dispatcher(const ServerOptions& options, asio::io_context& io, asio::thread_pool& worker, Views& views,
                       History& history, Commands& commands, Audit& audit)
    : options_(options),
      io_(io),
      worker_(worker),
      views_(views),
      history_(history),
      commands_(commands),
      audit_(audit),
      authentication_(options.users, options.failed_logins) {
  for (const Endpoint& endpoint : endpoints()) {
    routes_.push_back({&endpoint, split(std::string(kPrefix) + endpoint.path)});
    if (also_at_root(endpoint.path)) routes_.push_back({&endpoint, split(endpoint.path)});
  }
  for (const Asset& each : console_assets()) plain_assets_.emplace(each.path, inflate(each.gzip));
}

UtcTime Dispatcher::now() {
  return UtcTime::from_ns(
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count());
}

// ---------------------------------------------------------------------------------------------
// Admission

Dispatcher::Admission Dispatcher::admit(const RequestHead& head) {
  const auto target = parse_target(head.target);
  if (!target) return problem(400, target.error().what);
  if (!host_allowed(head.host, options_.allowed_hosts)) {
    return problem(421,
                   "the header Host does not name this server; its address, localhost or an allowed name was expected");
  }
  if ((!head.origin.empty() && !origin_is_own(head.origin, head.host)) || head.fetch_site == "cross-site") {
    return problem(403, "the request comes from a page of another origin; only this server's own pages may call it");
  }
  if (target->path == std::string(kPrefix) + "/stream") {
    if (!target->parameters.empty()) {
      return problem(400, "the stream takes no query; the token goes into the first message or the subprotocol");
    }
    if (head.is_upgrade && head.method == "GET") return StreamUpgrade{};
    Response response = problem(426, "the stream is a WebSocket; a GET with Upgrade: websocket was expected");
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }
  if (head.is_upgrade) return problem(400, "only /api/v1/stream can be upgraded");
  if (auto file = asset(head, target->path)) return std::move(*file);

  auto routed = route(head, target->segments);
  if (auto* refusal = std::get_if<Response>(&routed)) return std::move(*refusal);
  auto& admitted = std::get<Admitted>(routed);
  if (auto refusal = refuse_identity(head, *admitted.endpoint, admitted.request)) return std::move(*refusal);

  const auto& declared = admitted.endpoint->parameters;
  for (const auto& [name, value] : target->parameters) {
    const bool known = std::any_of(declared.begin(), declared.end(), [&name = name](const Parameter& parameter) {
      return parameter.in == Parameter::In::kQuery && parameter.name == name;
    });
    // A token in a URL ends in logs and histories, so it is never taken from there.
    if (!known) return problem(422, "the query parameter '" + name.substr(0, 64) + "' is unknown here");
    admitted.request.query.emplace(name, value);
  }
  if (head.has_body && admitted.endpoint->request_schema.empty()) {
    return problem(400, head.method + " " + target->path + " takes no body");
  }
  if (head.has_body && !is_json(head.content_type)) {
    return problem(415, "the body's Content-Type is not application/json");
  }
  admitted.request.method = head.method;
  admitted.request.path = target->path;
  admitted.request.if_match = head.if_match;
  admitted.request.accept = head.accept;
  admitted.request.address = head.address;
  return std::move(admitted);
}

std::variant<Response, Dispatcher::Admitted> Dispatcher::route(const RequestHead& head,
                                                               const std::vector<std::string>& segments) const {
  std::string allowed;
  for (const Route& each : routes_) {
    if (each.segments.size() != segments.size()) continue;
    Admitted admitted{each.endpoint, {}};
    bool matches = true;
    for (std::size_t i = 0; matches && i < segments.size(); ++i) {
      if (is_placeholder(each.segments[i])) {
        const std::string name = each.segments[i].substr(1, each.segments[i].size() - 2);
        matches = !segments[i].empty() && segments[i].size() <= 128;
        admitted.request.parameters.emplace(name, segments[i]);
      } else {
        matches = each.segments[i] == segments[i];
      }
    }
    if (!matches) continue;
    if (each.endpoint->method == head.method) return admitted;
    allowed += (allowed.empty() ? "" : ", ") + each.endpoint->method;
  }
  if (allowed.empty()) {
    return problem(404, "there is nothing at this path; GET /api/v1/openapi.json lists what there is");
  }
  Response response = problem(405, head.method + " is not possible here; expected is " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

std::optional<Response> Dispatcher::refuse_identity(const RequestHead& head, const Endpoint& endpoint,
                                                    Request& request) {
  if (!endpoint.role) return std::nullopt;
  constexpr std::string_view kScheme = "Bearer ";
  const bool has_token = head.authorization.size() > kScheme.size() && head.authorization.starts_with(kScheme);
  if (!has_token) {
    Response response = problem(401, "the header Authorization: Bearer TOKEN is missing");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"portcullis\"");
    return response;
  }
  const auto verdict = authenticate(std::string_view(head.authorization).substr(kScheme.size()), head.address,
                                    head.method + " " + endpoint.path);
  if (verdict.outcome == Authentication::Outcome::kBackOff) {
    Response response = problem(429, "too many failed logins from this address; try again later");
    response.headers.emplace_back("Retry-After", std::to_string(verdict.retry_after_s));
    return response;
  }
  if (verdict.outcome == Authentication::Outcome::kUnknown) {
    Response response = problem(401, "the token is unknown");
    response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"portcullis\", error=\"invalid_token\"");
    return response;
  }
  request.identity = verdict.identity;
  if (verdict.identity.role < *endpoint.role) {
    audit_.write({verdict.identity.name, head.address, head.method + " " + endpoint.path, 403, "role too low"});
    return problem(403, "'" + verdict.identity.name + "' has the role " + to_text(verdict.identity.role) + "; " +
                            to_text(*endpoint.role) + " was expected");
  }
  return std::nullopt;
}

Authentication::Verdict Dispatcher::authenticate(std::string_view token, const std::string& address,
                                                 const std::string& action) {
  Authentication::Verdict verdict = authentication_.authenticate(token, address, steady_now());
  // While an address is refused, its attempts are counted but not written: strangers cost nothing.
  if (verdict.outcome == Authentication::Outcome::kUnknown) {
    audit_.write({"", address, action, 401, "authentication failed"});
  }
  return verdict;
}

std::optional<Response> Dispatcher::asset(const RequestHead& head, const std::string& path) const {
  if (head.method != "GET") return std::nullopt;
  for (const Asset& each : console_assets()) {
    if (each.path != path) continue;
    Response response;
    response.content_type = each.content_type;
    response.headers = {{"ETag", std::string(each.etag)},
                        {"Content-Security-Policy", std::string(kContentSecurityPolicy)},
                        {"Vary", "Accept-Encoding"}};
    if (head.if_none_match == each.etag) {
      response.status = 304;
    } else if (head.accepts_gzip) {
      response.headers.emplace_back("Content-Encoding", "gzip");
      response.body = each.gzip;
    } else {
      response.body = plain_assets_.at(path);
    }
    return response;
  }
  if (path == "/") return problem(404, "this build has no console (PORTCULLIS_CONSOLE=OFF)");
  return std::nullopt;
}

void Dispatcher::handle(Admitted admitted, Reply reply) {
  Reply on_admin_thread = [weak = self_, reply = std::move(reply)](Response response) {
    const auto self = weak.lock();
    if (!self) return;
    asio::dispatch(self->io_, [reply, response = std::move(response)]() mutable { reply(std::move(response)); });
  };
  if (admitted.request.method != "GET") {
    on_admin_thread = [weak = self_, reply = std::move(on_admin_thread), user = admitted.request.identity.name,
                       address = admitted.request.address,
                       action = admitted.request.method + " " + admitted.request.path](Response response) {
      if (const auto self = weak.lock()) self->audit_.write({user, address, action, response.status, ""});
      reply(std::move(response));
    };
  }
  admitted.endpoint->handle(*this, admitted.request, std::move(on_admin_thread));
}

// ---------------------------------------------------------------------------------------------
// The way to the blotter

bool Dispatcher::on_worker(std::function<std::function<void()>(History&)> job) {
  if (waiting_reads_ >= options_.history_queue) return false;
  ++waiting_reads_;
  asio::post(worker_, [this, job = std::move(job)]() mutable {
    // The server joins the worker before this object goes.
    std::function<void()> then = job(history_);
    // The job goes back as well: it holds the connection that asked, which must not end on this thread.
    asio::post(io_, [this, job = std::move(job), then = std::move(then)] {
      --waiting_reads_;
      then();
    });
  });
  return true;
}

void Dispatcher::read(Reply reply, std::function<Response(History&)> query) {
  const bool queued = on_worker([reply, query = std::move(query)](History& history) -> std::function<void()> {
    return [reply, response = query(history)] { reply(response); };
  });
  if (queued) return;
  Response response = problem(503, "too many requests wait for the blotter; try again");
  response.headers.emplace_back("Retry-After", "1");
  reply(std::move(response));
}

// ---------------------------------------------------------------------------------------------
// The way to the core

void Dispatcher::submit(const Request& request, Command command, Reply reply) {
  if (pending_.size() >= kMaxPending) return reply(problem(503, "too many commands wait for the core; try again"));
  const std::uint64_t id = next_pending_++;
  Pending pending;
  pending.reply = std::move(reply);
  pending.timer = std::make_unique<asio::steady_timer>(io_, std::chrono::milliseconds(options_.command_timeout_ms));
  pending.timer->async_wait([this, id](boost::system::error_code error) {
    const auto found = pending_.find(id);
    if (error || found == pending_.end() || !found->second.reply) return;
    std::exchange(found->second.reply, nullptr)(problem(
        504, "the core did not answer in time; the outcome is not known, look at the state before trying again"));
  });
  pending_.emplace(id, std::move(pending));
  commands_.submit(std::move(command), {request.identity.name, request.identity.role}, [weak = self_, id](CommandResult result) {
    const auto self = weak.lock();
    if (!self) return;
    asio::post(self->io_, [weak, id, result = std::move(result)] {
      if (const auto alive = weak.lock()) alive->finish(id, result);
    });
  });
}

void Dispatcher::finish(std::uint64_t id, const CommandResult& result) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  Pending pending = std::move(found->second);
  pending_.erase(found);
  pending.timer->cancel();
  if (!pending.reply) return;  // 504 was given
  using Outcome = CommandResult::Outcome;
  switch (result.outcome) {
    case Outcome::kDone:
      if (result.proposal && result.proposal->state == "rejected") return pending.reply(json_response(to_json(*result.proposal)));
      return pending.reply(json_response(boost::json::object{{"status", "done"},
                                                             {"text", result.text.empty() ? "done" : result.text},
                                                             {"journal_index", result.journal_index}}));
    case Outcome::kNeedsSecondPerson: {
      if (!result.proposal) break;
      Response response = json_response(to_json(*result.proposal), 202);
      response.headers.emplace_back("Location", std::string(kPrefix) + "/proposals/" + result.proposal->id);
      return pending.reply(std::move(response));
    }
    case Outcome::kForbidden:
      return pending.reply(problem(403, result.text));
    case Outcome::kUnknown:
      return pending.reply(problem(404, result.text));
    case Outcome::kInvalid:
      return pending.reply(problem(422, result.text));
    case Outcome::kConflict:
      return pending.reply(problem(409, result.text));
    case Outcome::kStale:
      return pending.reply(problem(412, result.text));
    case Outcome::kNotBuilt:
      return pending.reply(problem(501, result.text));
    case Outcome::kOverloaded:
      break;
  }
  Response response = problem(503, result.text.empty() ? "the core is overloaded; try again" : result.text);
  response.headers.emplace_back("Retry-After", "1");
  pending.reply(std::move(response));
}

// ---------------------------------------------------------------------------------------------
// Metrics

void Dispatcher::count_answer(unsigned status) {
  ++answers_[std::min<std::size_t>(status / 100, answers_.size() - 1)];
}

void Dispatcher::stream_closed(bool too_slow) {
  --streams_;
  if (too_slow) ++slow_streams_;
}

std::vector<MetricView> Dispatcher::server_metrics() {
  const auto single = [](std::string name, std::string help, MetricView::Kind kind, std::uint64_t value) {
    return MetricView{std::move(name), std::move(help), kind, {{{}, static_cast<double>(value), {}}}};
  };
  MetricView answers{"portcullis_admin_responses_total", "HTTP responses by class", MetricView::Kind::kCounter, {}};
  for (std::size_t i = 2; i < answers_.size(); ++i) {
    answers.samples.push_back({{{"class", std::to_string(i) + "xx"}}, static_cast<double>(answers_[i]), {}});
  }
  return {std::move(answers),
          single("portcullis_admin_failed_logins_total", "Tokens that were refused", MetricView::Kind::kCounter,
                 authentication_.failures()),
          single("portcullis_admin_streams", "Live streams open", MetricView::Kind::kGauge, streams_),
          single("portcullis_admin_slow_streams_total", "Live streams dropped for not reading",
                 MetricView::Kind::kCounter, slow_streams_)};
}

}  // namespace portcullis::admin
