#include "app/local_door.h"

#include <poll.h>
#include <pwd.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <future>
#include <optional>

#include "admin/json.h"
#include "app/gateway.h"
#include "app/log.h"
#include "app/named_scope.h"
#include "app/published_views.h"
#include "app/start_positions.h"
#include "order/governance.h"
#include "session/threads.h"

namespace portcullis::app {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxRequest = 1 << 20;  // a file of positions in JSON
constexpr std::size_t kMaxAnswer = 4 << 20;
constexpr int kPatienceMs = 2'000;
constexpr auto kCorePatience = std::chrono::seconds(5);

std::string system_error(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

bool address_of(const std::string& path, sockaddr_un& address) {
  address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  return true;
}

// The name of who is at the other end; nothing when it is neither our own user nor root.
std::optional<std::string> allowed_user(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  if (peer.uid != geteuid() && peer.uid != 0) return std::nullopt;
  passwd entry{};
  passwd* found = nullptr;
  char memory[4096];
  if (getpwuid_r(peer.uid, &entry, memory, sizeof memory, &found) == 0 && found != nullptr) return "unix:" + std::string(entry.pw_name);
  return "unix:" + std::to_string(peer.uid);
}

// One line, without its end; nothing when it is too long or does not come in time.
std::optional<std::string> read_line(int connection, std::size_t most) {
  std::string text;
  char chunk[4096];
  while (text.size() <= most) {
    pollfd waiting{connection, POLLIN, 0};
    if (poll(&waiting, 1, kPatienceMs) <= 0) return std::nullopt;
    const ssize_t got = recv(connection, chunk, sizeof chunk, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text.empty() ? std::nullopt : std::optional(text);
    text.append(chunk, static_cast<std::size_t>(got));
    if (const std::size_t end = text.find('\n'); end != std::string::npos) return text.substr(0, end);
  }
  return std::nullopt;
}

bool write_all(int connection, std::string_view text) {
  while (!text.empty()) {
    pollfd waiting{connection, POLLOUT, 0};
    if (poll(&waiting, 1, kPatienceMs) <= 0) return false;
    const ssize_t sent = send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string error_text(std::string_view what) { return admin::serialized(json::object{{"done", false}, {"error", what}}); }

std::string member(const json::object& request, std::string_view name) {
  const json::value* const value = request.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

using Answered = std::shared_ptr<std::promise<std::string>>;

std::string status_text(Gateway& gateway) {
  const ViewsCopy copy = copy_views(gateway);
  return admin::serialized(json::object{{"done", true},
                                        {"gateway", gateway.configuration().gateway.id},
                                        {"health", admin::to_json(copy.health)},
                                        {"sessions", admin::to_json(copy.sessions)},
                                        {"kill_switches", admin::to_json(copy.kills)},
                                        {"mass_cancels", admin::to_json(copy.mass_cancels)}});
}

// On the core thread: tightens, and answers when it is durable.
void act(Gateway& gateway, const json::object& request, const std::string& user, const Answered& answered) {
  const gateway::State& state = gateway.core().state();
  const std::optional<order::Scope> scope = parse_scope(member(request, "scope"));
  if (!scope) {
    return answered->set_value(error_text(
        "scope is one of firm, group, client, account, session, trader, broker, instrument, currency"));
  }
  const std::optional<NamedScope> named = named_scope(gateway, *scope, member(request, "id"));
  if (!named) return answered->set_value(error_text("no " + member(request, "scope") + " named '" + member(request, "id") + "'"));
  const std::string reason = member(request, "reason");
  if (reason.empty()) return answered->set_value(error_text("a reason is missing"));
  gateway::OperatorCommand command;
  if (member(request, "command") == "drill") {
    command = order::StartDrill{named->scope, named->id, order::UserText::truncated(user), order::ReasonText::truncated(reason)};
  } else {
    const std::optional<order::ScopeState> wanted = parse_scope_state(member(request, "state"));
    if (!wanted) return answered->set_value(error_text("state is one of reduce_only, block_new, cancel, killed"));
    if (*wanted < state.risk.own_state(named->scope, named->id) || *wanted == order::ScopeState::kActive) {
      return answered->set_value(error_text("one person may only tighten here; to lift a stop takes two, through REST"));
    }
    order::RequestChange change;
    change.change.kind = order::ProposalKind::kScopeState;
    change.change.scope = named->scope;
    change.change.id = named->id;
    change.change.state = *wanted;
    change.change.maker = order::UserText::truncated(user);
    change.change.maker_role = order::Role::kOperator;
    change.change.reason = order::ReasonText::truncated(reason);
    command = change;
  }
  json::object record = request;
  record["user"] = user;
  record["by"] = "local socket";
  const gateway::CommandOutcome outcome = gateway.loop().submit_command(command, json::serialize(record), nullptr);
  if (outcome.reject) return answered->set_value(error_text(outcome.text));
  gateway.loop().when_durable(gateway.journal().last_index(), [answered](std::uint64_t index) {
    answered->set_value(json::serialize(json::object{{"done", true}, {"journal_index", index}}));
  });
}

// On the core thread: all of the file, or nothing of it and an alert.
void take_positions(Gateway& gateway, const json::object& request, const std::string& user, const Answered& answered) {
  const std::string text = member(request, "text");
  order::StartPositions command =
      read_start_positions(text, member(request, "signature"), gateway.configuration(), gateway.core().state());
  command.user = order::UserText::truncated(user);
  json::object record = {
      {"action", "start_positions"}, {"user", user}, {"by", "local socket"}, {"digest", command.digest.view()}};
  if (text.size() <= kMaxPositionsText) record["text"] = text;
  record["signature"] = member(request, "signature").substr(0, 256);
  const gateway::CommandOutcome outcome = gateway.loop().submit_command(command, json::serialize(record), nullptr);
  gateway.loop().when_durable(gateway.journal().last_index(), [answered, outcome](std::uint64_t index) {
    if (outcome.reject) return answered->set_value(error_text(outcome.text));
    answered->set_value(
        json::serialize(json::object{{"done", true}, {"journal_index", index}, {"text", outcome.text}}));
  });
}

}  // namespace

std::string LocalDoor::path_in(const std::string& data_dir) { return data_dir + "/control.sock"; }

Result<std::unique_ptr<LocalDoor>> LocalDoor::open(Gateway& gateway, const std::string& data_dir) {
  const std::string path = path_in(data_dir);
  sockaddr_un address{};
  if (!address_of(path, address)) return Error{path + " is too long for a unix socket; a shorter data_dir was expected"};
  const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listening < 0) return Error{system_error("no unix socket")};
  // The data directory is locked by this process, so what is left there is of one that is gone.
  unlink(path.c_str());
  if (fchmod(listening, 0600) != 0 || bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), 0600) != 0 || listen(listening, 4) != 0) {
    const Error error{system_error(("cannot listen at " + path).c_str())};
    close(listening);
    return error;
  }
  const int wake = eventfd(0, EFD_CLOEXEC);
  if (wake < 0) {
    close(listening);
    return Error{system_error("no eventfd")};
  }
  return std::unique_ptr<LocalDoor>(new LocalDoor(gateway, listening, wake, path));
}

LocalDoor::LocalDoor(Gateway& gateway, int listening, int wake, std::string path)
    : gateway_(gateway), listening_(listening), wake_(wake), path_(std::move(path)) {
  thread_ = session::start_thread("local", true, [this] { run(); });
}

LocalDoor::~LocalDoor() {
  eventfd_write(wake_, 1);
  thread_.join();
  close(listening_);
  close(wake_);
  unlink(path_.c_str());
}

void LocalDoor::run() {
  while (true) {
    pollfd waiting[2] = {{listening_, POLLIN, 0}, {wake_, POLLIN, 0}};
    if (poll(waiting, 2, -1) < 0 && errno != EINTR) return;
    if (waiting[1].revents != 0) return;
    if ((waiting[0].revents & POLLIN) == 0) continue;
    const int connection = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    serve(connection);
    close(connection);
  }
}

void LocalDoor::serve(int connection) {
  const std::optional<std::string> user = allowed_user(connection);
  if (!user) {
    log_warning("local_command_refused", {{"why", "the peer is neither the gateway's user nor root"}});
    write_all(connection, error_text("the gateway's own user or root was expected") + "\n");
    return;
  }
  const std::optional<std::string> request = read_line(connection, kMaxRequest);
  write_all(connection, (request ? answer(*request, *user) : error_text("one line of JSON was expected")) + "\n");
}

std::string LocalDoor::answer(const std::string& text, const std::string& user) {
  boost::system::error_code error;
  const json::value request = json::parse(text, error);
  if (error || !request.is_object()) return error_text("the request is no JSON object");
  const std::string command = member(request.get_object(), "command");
  if (command != "kill" && command != "drill" && command != "status" && command != "positions") {
    return error_text("command is one of kill, drill, status, positions");
  }
  log_info("local_command", {{"user", user}, {"command", command}});
  const Answered answered = std::make_shared<std::promise<std::string>>();
  std::future<std::string> future = answered->get_future();
  const bool posted = gateway_.loop().post([this, command, object = request.get_object(), user, answered] {
    if (command == "status") return answered->set_value(status_text(gateway_));
    if (command == "positions") return take_positions(gateway_, object, user, answered);
    act(gateway_, object, user, answered);
  });
  if (!posted) return error_text("too many actions wait for the core; try again");
  if (future.wait_for(kCorePatience) != std::future_status::ready) {
    return error_text("the core did not answer in time; the outcome is not known, look at the status");
  }
  return future.get();
}

Result<std::string> ask_local_door(const std::string& data_dir, const std::string& request) {
  const std::string path = LocalDoor::path_in(data_dir);
  sockaddr_un address{};
  if (!address_of(path, address)) return Error{path + " is too long for a unix socket"};
  const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) return Error{system_error("no unix socket")};
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const Error error{system_error(("no gateway answers at " + path).c_str())};
    close(connection);
    return error;
  }
  std::optional<std::string> answer;
  if (write_all(connection, request + "\n")) {
    // The core may take its time, and the status of many sessions is long.
    pollfd waiting{connection, POLLIN, 0};
    poll(&waiting, 1, 10'000);
    answer = read_line(connection, kMaxAnswer);
  }
  close(connection);
  if (!answer) return Error{"the gateway at " + path + " gave no answer"};
  return *answer;
}

}  // namespace portcullis::app
