#include "sim/json_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace portcullis::sim {
namespace {

namespace json = boost::json;

json::object object_of(const char* kind) {
  json::object object;
  object["at"] = to_iso(utc_now());
  object["kind"] = kind;
  return object;
}

std::string text_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flag_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

Message message_of(const json::object& object) {
  Message message(text_of(object, "type"));
  const json::value* seq = object.if_contains("seq");
  if (seq != nullptr && seq->is_int64()) message.seq = static_cast<long>(seq->get_int64());
  message.poss_dup = flag_of(object, "dup");
  message.poss_resend = flag_of(object, "resend");
  const json::value* fields = object.if_contains("fields");
  if (fields != nullptr && fields->is_object()) {
    for (const auto& field : fields->get_object()) {
      if (!field.value().is_string()) continue;
      message.fields.emplace_back(std::atoi(std::string(field.key()).c_str()), std::string(field.value().get_string()));
    }
  }
  return message;
}

}  // namespace

UtcTime utc_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return UtcTime::from_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

JsonLog::~JsonLog() {
  if (file_ >= 0) close(file_);
}

Status JsonLog::open(const std::string& path) {
  file_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) return Error{"cannot write the log " + path + ": " + std::strerror(errno)};
  return {};
}

void JsonLog::start(const std::string& role, const std::string& comp_id, const std::string& version) {
  if (file_ < 0) return;
  json::object object = object_of("start");
  object["role"] = role;
  object["comp_id"] = comp_id;
  object["version"] = version;
  write_line(json::serialize(object));
}

void JsonLog::note(const char* kind, const std::string& text) {
  if (file_ < 0) return;
  json::object object = object_of(kind);
  if (!text.empty()) object["text"] = text;
  write_line(json::serialize(object));
}

void JsonLog::message(const char* kind, const Message& message) {
  if (file_ < 0) return;
  json::object object = object_of(kind);
  object["type"] = message.msg_type;
  object["seq"] = message.seq;
  object["dup"] = message.poss_dup;
  object["resend"] = message.poss_resend;
  json::object fields;
  for (const auto& field : message.fields) fields.emplace(std::to_string(field.first), field.second);
  object["fields"] = std::move(fields);
  write_line(json::serialize(object));
}

void JsonLog::write_line(std::string line) {
  line += '\n';
  std::lock_guard<std::mutex> lock(mutex_);
  std::size_t written = 0;
  while (written < line.size()) {
    const ssize_t n = ::write(file_, line.data() + written, line.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      std::fprintf(stderr, "the log cannot be written: %s\n", std::strerror(errno));
      std::_Exit(1);
    }
    written += static_cast<std::size_t>(n);
  }
}

Result<std::vector<LogLine>> read_log(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{"cannot read the log " + path + ": " + std::strerror(errno)};
  std::vector<LogLine> lines;
  std::string text;
  while (std::getline(file, text)) {
    const bool complete = !file.eof();
    boost::system::error_code failed;
    const json::value value = json::parse(text, failed);
    if (failed || !value.is_object()) {
      if (!complete) break;
      return Error{path + ":" + std::to_string(lines.size() + 1) + ": not a JSON object: " + failed.message()};
    }
    const json::object& object = value.get_object();
    LogLine line;
    line.at = text_of(object, "at");
    line.kind = text_of(object, "kind");
    line.text = text_of(object, "text");
    line.role = text_of(object, "role");
    line.comp_id = text_of(object, "comp_id");
    line.version = text_of(object, "version");
    if (line.kind == "in" || line.kind == "out" || line.kind == "void") line.message = message_of(object);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace portcullis::sim
