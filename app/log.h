#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/decimal.h"

// The process's log: one JSON object a line on standard error, written by a thread of its own.
//
//   {"ts":"2026-11-22T17:03:51.123456789Z","level":"info","event":"order_accepted","order_id":"LDN1-7"}
//
// Callers never wait: a line goes into a queue of kLogQueueLines, and when that is full the oldest
// line is lost and counted; the next line that is written says how many. Any thread may log. Values of
// keys that name a secret are replaced by "***"; messages are masked by the caller (session/mask.h).

namespace portcullis::app {

inline constexpr std::size_t kLogQueueLines = 16'384;
// A longer text value is cut there and ends in "…".
inline constexpr std::size_t kMaxLogTextBytes = 4096;

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
std::string_view to_text(LogLevel level);  // "debug", "info", "warning", "error"
std::optional<LogLevel> parse_log_level(std::string_view text);

// A key and its value. Borrowed: both live until the call returns.
class LogField {
 public:
  LogField(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  LogField(std::string_view key, const char* value) : key_(key), value_(std::string_view(value)) {}
  LogField(std::string_view key, const std::string& value) : key_(key), value_(std::string_view(value)) {}
  LogField(std::string_view key, bool value) : key_(key), value_(value) {}
  template <std::integral T>
  LogField(std::string_view key, T value) : key_(key) {
    if constexpr (std::is_signed_v<T>) {
      value_ = static_cast<std::int64_t>(value);
    } else {
      value_ = static_cast<std::uint64_t>(value);
    }
  }
  // Decimals stand as texts, so that no reader makes floating point of them.
  template <int Scale, typename Tag>
  LogField(std::string_view key, Decimal<Scale, Tag> value) : key_(key), value_(Scaled{value.raw(), Scale}) {}

  struct Scaled {
    std::int64_t raw = 0;
    int scale = 0;
  };
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, bool, Scaled>;

  std::string_view key() const { return key_; }
  const Value& value() const { return value_; }

 private:
  std::string_view key_;
  Value value_;
};

// Begins the log's thread; lines below `level` are left out. Before start_log() and after stop_log()
// lines are written by the caller itself. Call once, from main().
void start_log(LogLevel level);
// Writes what is queued and ends the thread.
void stop_log();

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
inline void log_debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kDebug, event, fields);
}
inline void log_info(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kInfo, event, fields);
}
inline void log_warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kWarning, event, fields);
}
inline void log_error(std::string_view event, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::kError, event, fields);
}

// Whether a line of this level would be written; to spare the work of making its values.
bool log_enabled(LogLevel level);
// Lines lost to a full queue since the start.
std::uint64_t lost_log_lines();

// Many lines of one thread, formatted by it and written together: for a follower that writes thousands a second and
// may wait for the reader of the log. None of its lines is lost to a full queue; between other threads' lines it
// stands whole. One thread at a time.
class LogBatch {
 public:
  LogBatch();
  ~LogBatch() { flush(); }
  LogBatch(const LogBatch&) = delete;
  LogBatch& operator=(const LogBatch&) = delete;

  // The lines between two flushes carry the time of the first. Writes when kBatchBytes have come together.
  void add(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
  void flush();

  static constexpr std::size_t kBatchBytes = 64 << 10;

 private:
  std::string text_;      // larger than what is in it
  std::size_t used_ = 0;  // of text_
  std::string time_;
};

// The line without its line end; what log() writes. `ts_ns` is nanoseconds since 1970 in UTC.
std::string log_line(std::int64_t ts_ns, LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields);

}  // namespace portcullis::app
