#include "app/log.h"

#include <poll.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

#include "base/time.h"

namespace portcullis::app {

namespace {

// Keys whose values nobody may read in a log, whoever passes them by mistake.
constexpr std::array<std::string_view, 10> kSecretKeys = {
    "password", "password_hash", "token",        "authorization",  "private_key",
    "secret",   "raw_data",      "new_password", "encrypted_text", "webhook"};

std::atomic<LogLevel> g_level{LogLevel::kInfo};
std::shared_ptr<spdlog::details::thread_pool> g_pool;
std::shared_ptr<spdlog::logger> g_logger;
std::atomic<std::uint64_t> g_reported_lost{0};

constexpr std::uint64_t kEach = 0x0101010101010101;

// Whether one of eight bytes is a control character, outside of ASCII, a quote or a backslash.
bool any_special(std::uint64_t bytes) {
  const auto has_zero = [](std::uint64_t word) { return (word - kEach) & ~word & (kEach * 0x80); };
  const std::uint64_t below_blank = (bytes - kEach * 0x20) & ~bytes & (kEach * 0x80);
  return (below_blank | (bytes & (kEach * 0x80)) | has_zero(bytes ^ (kEach * 0x7f)) | has_zero(bytes ^ (kEach * '"')) |
          has_zero(bytes ^ (kEach * '\\'))) != 0;
}

// What JSON takes as it stands: most of what we log.
bool is_plain(std::string_view text) {
  std::uint64_t bytes = 0;
  for (; text.size() >= sizeof bytes; text.remove_prefix(sizeof bytes)) {
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (any_special(bytes)) return false;
  }
  bytes = kEach * ' ';
  if (!text.empty()) std::memcpy(&bytes, text.data(), text.size());
  return !any_special(bytes);
}

void append_text(std::string& line, std::string_view text) {
  if (text.size() <= kMaxLogTextBytes && is_plain(text)) {
    line.push_back('"');
    line.append(text);
    line.push_back('"');
    return;
  }
  std::string cut;
  if (text.size() > kMaxLogTextBytes) {
    cut.assign(text.substr(0, kMaxLogTextBytes)).append("…");
    text = cut;
  }
  // Only the serializer knows all that JSON wants escaped.
  line.append(boost::json::serialize(boost::json::string_view(text.data(), text.size())));
}

template <typename T>
void append_number(std::string& line, T number) {
  char digits[24];
  line.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_value(std::string& line, const LogField& field) {
  if (std::find(kSecretKeys.begin(), kSecretKeys.end(), field.key()) != kSecretKeys.end()) {
    line.append("\"***\"");
  } else if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    append_text(line, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value())) {
    append_number(line, *number);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&field.value())) {
    append_number(line, *natural);
  } else if (const auto* decimal = std::get_if<LogField::Scaled>(&field.value())) {
    char digits[34];
    digits[0] = '"';
    const std::size_t size = decimal_detail::format(decimal->raw, decimal->scale, 0, digits + 1);
    digits[size + 1] = '"';
    line.append(digits, size + 2);
  } else {
    line.append(std::get<bool>(field.value()) ? "true" : "false");
  }
}

void append_line(std::string& line, std::string_view time, LogLevel level, std::string_view event,
                 std::initializer_list<LogField> fields) {
  line.append("{\"ts\":\"").append(time).append("\",\"level\":\"").append(to_text(level)).append("\",\"event\":");
  append_text(line, event);
  for (const LogField& field : fields) {
    line.append(",\"").append(field.key()).append("\":");  // a key is a word of ours
    append_value(line, field);
  }
  line.push_back('}');
}

// All of it to standard error, however slowly that is read. What cannot be written has no other place to go.
void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{STDERR_FILENO, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void write(const std::string& line) {
  if (g_logger) {
    g_logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  } else {
    const std::string whole = line + "\n";
    std::fwrite(whole.data(), 1, whole.size(), stderr);
  }
}

}  // namespace

std::string_view to_text(LogLevel level) {
  constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warning", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    if (to_text(level) == text) return level;
  }
  return std::nullopt;
}

void start_log(LogLevel level) {
  g_level = level;
  g_pool = std::make_shared<spdlog::details::thread_pool>(kLogQueueLines, 1,
                                                          [] { pthread_setname_np(pthread_self(), "log"); });
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::async_logger>("portcullis", std::move(sink), g_pool,
                                                       spdlog::async_overflow_policy::overrun_oldest);
  logger->set_pattern("%v");
  logger->flush_on(spdlog::level::info);
  g_logger = std::move(logger);
}

void stop_log() {
  const auto last = std::exchange(g_logger, nullptr);  // what the thread writes to outlives it
  // Ends the thread after the queue is empty.
  g_pool.reset();
}

std::string log_line(std::int64_t ts_ns, LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) {
  std::string line;
  append_line(line, to_iso(UtcTime::from_ns(ts_ns)), level, event, fields);
  return line;
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  const std::uint64_t lost = lost_log_lines();
  std::uint64_t reported = g_reported_lost.load();
  if (lost > reported && g_reported_lost.compare_exchange_strong(reported, lost)) {
    write(log_line(now_ns(), LogLevel::kWarning, "log_lines_lost", {{"lines", lost - reported}}));
  }
  write(log_line(now_ns(), level, event, fields));
}

LogBatch::LogBatch() {
  text_.reserve(kBatchBytes + 2 * kMaxLogTextBytes);
}

void LogBatch::add(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  if (text_.empty()) time_ = to_iso(UtcTime::from_ns(now_ns()));
  append_line(text_, time_, level, event, fields);
  text_.push_back('\n');
  if (text_.size() >= kBatchBytes) flush();
}

void LogBatch::flush() {
  if (text_.empty()) return;
  write_all(text_);
  text_.clear();
}

bool log_enabled(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

std::uint64_t lost_log_lines() {
  return g_pool ? g_pool->overrun_counter() : 0;
}

}  // namespace portcullis::app
