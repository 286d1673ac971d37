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

constexpr std::size_t kUsualLineBytes = 512;
constexpr std::uint64_t kEach = 0x0101010101010101;

// Not zero when one of eight bytes is a control character, outside of ASCII, a quote or a backslash.
std::uint64_t special(std::uint64_t bytes) {
  const auto zeros = [](std::uint64_t word) { return (word - kEach) & ~word; };
  const std::uint64_t below_blank = (bytes - kEach * 0x20) & ~bytes;
  return (below_blank | bytes | zeros(bytes ^ (kEach * 0x7f)) | zeros(bytes ^ (kEach * '"')) |
          zeros(bytes ^ (kEach * '\\'))) &
         (kEach * 0x80);
}

// What JSON takes as it stands: most of what we log.
bool is_plain(std::string_view text) {
  std::uint64_t found = 0;
  while (!text.empty()) {
    std::uint64_t bytes = kEach * ' ';
    const std::size_t part = std::min(text.size(), sizeof bytes);
    if (part == sizeof bytes) {
      std::memcpy(&bytes, text.data(), sizeof bytes);
    } else {
      std::memcpy(&bytes, text.data(), part);
    }
    found |= special(bytes);
    text.remove_prefix(part);
  }
  return found == 0;
}

bool is_secret(std::string_view key) {
  return std::any_of(kSecretKeys.begin(), kSecretKeys.end(), [key](std::string_view secret) {
    return secret.size() == key.size() && secret.front() == key.front() && secret == key;
  });
}

// Puts text behind the first `used` characters of a buffer, which is larger so that most pieces are only copied.
class Writer {
 public:
  Writer(std::string& buffer, std::size_t used) : buffer_(buffer), used_(used) {}

  // Where the next `bytes` characters go.
  char* room(std::size_t bytes) {
    if (buffer_.size() - used_ < bytes) [[unlikely]] buffer_.resize(2 * buffer_.size() + bytes);
    return buffer_.data() + used_;
  }
  void took(const char* end) { used_ = static_cast<std::size_t>(end - buffer_.data()); }
  void put(std::string_view text) { took(std::copy(text.begin(), text.end(), room(text.size()))); }
  std::size_t used() const { return used_; }

 private:
  std::string& buffer_;
  std::size_t used_;
};

void write_text(Writer& line, std::string_view text) {
  if (text.size() <= kMaxLogTextBytes && is_plain(text)) {
    char* at = line.room(text.size() + 2);
    *at++ = '"';
    at = std::copy(text.begin(), text.end(), at);
    *at++ = '"';
    line.took(at);
    return;
  }
  std::string cut;
  if (text.size() > kMaxLogTextBytes) {
    cut.assign(text.substr(0, kMaxLogTextBytes)).append("…");
    text = cut;
  }
  // Only the serializer knows all that JSON wants escaped.
  line.put(boost::json::serialize(boost::json::string_view(text.data(), text.size())));
}

template <typename T>
void write_number(Writer& line, T number) {
  constexpr std::size_t kMostDigits = 24;
  char* const at = line.room(kMostDigits);
  line.took(std::to_chars(at, at + kMostDigits, number).ptr);
}

void write_value(Writer& line, const LogField& field) {
  if (is_secret(field.key())) {
    line.put("\"***\"");
  } else if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    write_text(line, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value())) {
    write_number(line, *number);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&field.value())) {
    write_number(line, *natural);
  } else if (const auto* decimal = std::get_if<LogField::Scaled>(&field.value())) {
    char* at = line.room(48);  // a decimal in quotes, and what it writes beyond its end
    *at++ = '"';
    at += decimal_detail::format(decimal->raw, decimal->scale, 0, at);
    *at++ = '"';
    line.took(at);
  } else {
    line.put(std::get<bool>(field.value()) ? "true" : "false");
  }
}

// Writes the line behind the first `used` characters of the buffer, and returns where it ends.
std::size_t write_line(std::string& buffer, std::size_t used, std::string_view time, LogLevel level,
                       std::string_view event, std::initializer_list<LogField> fields) {
  Writer line(buffer, used);
  line.put("{\"ts\":\"");
  line.put(time);
  line.put("\",\"level\":\"");
  line.put(to_text(level));
  line.put("\",\"event\":");
  write_text(line, event);
  for (const LogField& field : fields) {
    const std::string_view key = field.key();  // a word of ours
    char* at = line.room(key.size() + 4);
    *at++ = ',';
    *at++ = '"';
    at = std::copy(key.begin(), key.end(), at);
    *at++ = '"';
    *at++ = ':';
    line.took(at);
    write_value(line, field);
  }
  line.put("}");
  return line.used();
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
  std::string line(kUsualLineBytes, '\0');
  line.resize(write_line(line, 0, to_iso(UtcTime::from_ns(ts_ns)), level, event, fields));
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

LogBatch::LogBatch() : text_(kBatchBytes + 2 * kMaxLogTextBytes, '\0') {}

void LogBatch::add(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  if (used_ == 0) time_ = to_iso(UtcTime::from_ns(now_ns()));
  used_ = write_line(text_, used_, time_, level, event, fields);
  if (used_ == text_.size()) text_.push_back('\n');
  text_[used_++] = '\n';
  if (used_ >= kBatchBytes) flush();
}

void LogBatch::flush() {
  write_all(std::string_view(text_).substr(0, used_));
  used_ = 0;
}

bool log_enabled(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

std::uint64_t lost_log_lines() {
  return g_pool ? g_pool->overrun_counter() : 0;
}

}  // namespace portcullis::app
