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
#include "base/utf8.h"

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

// Not zero when one of eight bytes is a control character, outside of ASCII, a quote or a backslash. What a byte
// borrows from the next one makes that one's answer wrong, where there is a right one already.
inline std::uint64_t special(std::uint64_t bytes) {
  return (bytes | (bytes - kEach * 0x20) | ((bytes ^ (kEach * 0x7f)) - kEach) | ((bytes ^ (kEach * '"')) - kEach) |
          ((bytes ^ (kEach * '\\')) - kEach)) &
         (kEach * 0x80);
}

template <typename T>
T load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <typename T>
void store(char* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

// Copies text to `to`. With `look`: true when JSON takes it as it stands, which is most of what we log. Words of eight
// bytes, of which the last one may have some of the one before; a call for each of so many short texts would cost more
// than the copy.
template <bool look>
bool copy_short(char* to, std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  constexpr std::size_t kHalf = sizeof(std::uint32_t);
  const char* const from = text.data();
  const std::size_t size = text.size();
  const auto word_at = [&](std::size_t at) {
    const auto word = load<std::uint64_t>(from + at);
    store(to + at, word);
    return look ? special(word) : 0;
  };
  if (size >= kWord) {
    std::uint64_t found = word_at(size - kWord);
    for (std::size_t at = 0; at + kWord < size; at += kWord) found |= word_at(at);
    return found == 0;
  }
  if (size >= kHalf) {
    const auto first = load<std::uint32_t>(from);
    const auto last = load<std::uint32_t>(from + size - kHalf);
    store(to, first);
    store(to + size - kHalf, last);
    return !look || special(std::uint64_t{first} | std::uint64_t{last} << 32) == 0;
  }
  std::uint64_t bytes = kEach * ' ';
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = from[i];
    bytes = bytes << 8 | static_cast<unsigned char>(from[i]);
  }
  return !look || special(bytes) == 0;
}

// The lengths of the secret keys, as bits, by their first letter: few other keys need a look at the list.
constexpr auto kSecretLengths = [] {
  std::array<std::uint32_t, 256> lengths{};
  for (const std::string_view key : kSecretKeys) lengths[static_cast<unsigned char>(key.front())] |= 1u << key.size();
  return lengths;
}();

bool is_secret(std::string_view key) {
  if (key.empty() || key.size() >= 32) return false;
  if ((kSecretLengths.data()[static_cast<unsigned char>(key.front())] >> key.size() & 1) == 0) return false;
  return std::any_of(kSecretKeys.begin(), kSecretKeys.end(), [key](std::string_view secret) { return secret == key; });
}

// Puts what a line has behind the first `used` characters of a buffer. Room is asked for once, for all of an ordinary
// line.
class Writer {
 public:
  Writer(std::string& buffer, std::size_t used, std::size_t line_bytes)
      : buffer_(buffer), rest_(line_bytes), at_(buffer.data() + used) {
    make_room(0);
  }

  std::size_t used() const { return static_cast<std::size_t>(at_ - buffer_.data()); }

  void put(std::string_view text) {
    copy_short<false>(at_, text);
    at_ += text.size();
  }
  void put(char c) { *at_++ = c; }
  void put_text(std::string_view text) {
    *at_ = '"';
    if (text.size() <= kMaxLogTextBytes && copy_short<true>(at_ + 1, text)) [[likely]] {
      at_ += text.size() + 1;
      *at_++ = '"';
      return;
    }
    put_escaped(text);
  }
  template <typename T>
  void put_number(T number) {
    at_ = std::to_chars(at_, at_ + kMostNumberBytes, number).ptr;
  }
  void put_decimal(const LogField::Scaled& decimal) {
    *at_++ = '"';
    at_ += decimal_detail::format(decimal.raw, decimal.scale, 0, at_);
    *at_++ = '"';
  }

  // A decimal in quotes, and what it writes beyond its end; also what any other value takes, but a text.
  static constexpr std::size_t kMostNumberBytes = 48;

 private:
  // For so many bytes more than the line was said to have.
  void make_room(std::size_t more) {
    const std::size_t used = this->used();
    if (buffer_.size() - used >= rest_ + more) [[likely]]
      return;
    buffer_.resize(2 * buffer_.size() + rest_ + more);
    at_ = buffer_.data() + used;
  }
  void put_escaped(std::string_view text) {
    std::string shown(text.substr(0, kMaxLogTextBytes));
    if (text.size() > kMaxLogTextBytes) shown.append("…");
    // What is no UTF-8 is no JSON either; a peer's text may be in any encoding, and be cut within a character.
    shown = valid_utf8(std::move(shown));
    // Only the serializer knows all that JSON wants escaped.
    const std::string escaped = boost::json::serialize(boost::json::string_view(shown.data(), shown.size()));
    make_room(escaped.size());
    put(std::string_view(escaped));
  }

  std::string& buffer_;
  const std::size_t rest_;
  char* at_;
};

void write_value(Writer& line, const LogField& field) {
  if (is_secret(field.key())) {
    line.put("\"***\"");
  } else if (const auto* text = std::get_if<std::string_view>(&field.value())) {
    line.put_text(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&field.value())) {
    line.put_number(*number);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&field.value())) {
    line.put_number(*natural);
  } else if (const auto* decimal = std::get_if<LogField::Scaled>(&field.value())) {
    line.put_decimal(*decimal);
  } else {
    line.put(std::get<bool>(field.value()) ? "true" : "false");
  }
}

// Writes the line behind the first `used` characters of the buffer, and returns where it ends.
std::size_t write_line(std::string& buffer, std::size_t used, std::string_view time, LogLevel level,
                       std::string_view event, std::initializer_list<LogField> fields) {
  constexpr std::size_t kBetween = 4;  // ,"":
  const std::string_view level_text = to_text(level);
  std::size_t bytes = kUsualLineBytes / 4 + time.size() + level_text.size() + event.size();
  for (const LogField& field : fields) {
    const auto* text = std::get_if<std::string_view>(&field.value());
    bytes += field.key().size() + kBetween + (text != nullptr ? text->size() + 2 : 0) + Writer::kMostNumberBytes;
  }
  Writer line(buffer, used, bytes);
  line.put("{\"ts\":\"");
  line.put(time);
  line.put("\",\"level\":\"");
  line.put(level_text);
  line.put("\",\"event\":");
  line.put_text(event);
  for (const LogField& field : fields) {
    line.put(',');
    line.put('"');
    line.put(field.key());  // a word of ours
    line.put('"');
    line.put(':');
    write_value(line, field);
  }
  line.put('}');
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
