#include "app/log.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/decimal.h"

namespace portcullis::app {
namespace {

TEST(Log, WritesOneJsonObjectALine) {
  EXPECT_EQ(log_line(1'500'000'000, LogLevel::kInfo, "order_accepted",
                     {{"order_id", "LDN1-7"},
                      {"cum_qty", Quantity::of(5)},
                      {"count", 3},
                      {"delta", std::int64_t{-2}},
                      {"open", true}}),
            R"({"ts":"1970-01-01T00:00:01.500000000Z","level":"info","event":"order_accepted",)"
            R"("order_id":"LDN1-7","cum_qty":"5","count":3,"delta":-2,"open":true})");
}

TEST(Log, EscapesWhatJsonWantsEscaped) {
  const std::string hostile("a\"b\\c\n\x01\0z", 9);
  const std::string line = log_line(0, LogLevel::kWarning, "text", {{"text", hostile}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto value = boost::json::parse(line);
  const auto& text = value.at("text").as_string();
  EXPECT_EQ(std::string(text.data(), text.size()), hostile);
}

TEST(Log, EscapesEachByteWhereverItStands) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t size = 1; size <= 17; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string odd(size, 'x');
        odd[at] = static_cast<char>(byte);
        const std::string line = log_line(0, LogLevel::kInfo, "text", {{"text", odd}});
        boost::system::error_code error;
        const auto value = boost::json::parse(line, error);
        ASSERT_FALSE(error) << "byte " << byte << " at " << at << " of " << size << ": " << line;
        const auto& text = value.at("text").as_string();
        ASSERT_EQ(std::string(text.data(), text.size()), odd);
      }
    }
  }
}

TEST(Log, ALineIsUtf8WhateverAPeerSays) {
  boost::system::error_code error;
  for (const auto& [said, shown] : {std::pair{"S\xe9quence", "S?quence"}, {"cut \xc3", "cut ?"}, {"caf\xc3\xa9", "caf\xc3\xa9"}}) {
    const std::string line = log_line(0, LogLevel::kInfo, "text", {{"text", said}});
    const auto value = boost::json::parse(line, error);
    ASSERT_FALSE(error) << line;
    EXPECT_EQ(value.at("text").as_string(), shown);
  }
  const std::string line = log_line(0, LogLevel::kInfo, "text", {{"text", std::string(kMaxLogTextBytes - 1, 'x') + "\xc3\xa9"}});
  boost::json::parse(line, error);
  EXPECT_FALSE(error) << "a long text is cut within a character";
}

TEST(Log, MasksSecretsByTheirKey) {
  const std::string line =
      log_line(0, LogLevel::kInfo, "logon", {{"password", "hunter2"}, {"token", "abc"}, {"user", "u"}});
  EXPECT_EQ(line.find("hunter2"), std::string::npos);
  EXPECT_EQ(line.find("abc"), std::string::npos);
  EXPECT_NE(line.find(R"("password":"***")"), std::string::npos);
}

TEST(Log, CutsLongTexts) {
  const std::string line = log_line(0, LogLevel::kInfo, "long", {{"text", std::string(100'000, 'x')}});
  EXPECT_LT(line.size(), kMaxLogTextBytes + 200);
}

TEST(Log, ReadsItsLevels) {
  EXPECT_EQ(parse_log_level("warning"), LogLevel::kWarning);
  EXPECT_EQ(parse_log_level("loud"), std::nullopt);
}

TEST(Log, WritesFromManyThreadsInWholeLinesAndLosesNoneThatFit) {
  ::testing::internal::CaptureStderr();
  start_log(LogLevel::kInfo);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 1000; ++i) log_info("line", {{"thread", t}, {"number", i}});
      log_debug("not_written");
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::uint64_t lost = lost_log_lines();
  stop_log();
  std::istringstream output(::testing::internal::GetCapturedStderr());
  std::string line;
  int lines = 0;
  while (std::getline(output, line)) {
    EXPECT_EQ(boost::json::parse(line).at("event").as_string(), "line");
    ++lines;
  }
  EXPECT_EQ(lost, 0u);
  EXPECT_EQ(lines, 4000);
}

TEST(Log, ALineThatIsLongerThanTheRoomInABatchIsWhole) {
  const std::string longest(kMaxLogTextBytes, 'x');
  const std::string hostile(kMaxLogTextBytes, '\x01');  // six characters each
  ::testing::internal::CaptureStderr();
  {
    LogBatch batch;
    for (int i = 0; i < 15; ++i) batch.add(LogLevel::kInfo, "filled", {{"text", longest}});
    batch.add(LogLevel::kInfo, "longest", {{"a", longest}, {"b", hostile}, {"c", longest}, {"d", hostile}});
  }
  std::istringstream output(::testing::internal::GetCapturedStderr());
  std::string line;
  std::size_t lines = 0;
  while (std::getline(output, line)) {
    const auto value = boost::json::parse(line);
    if (++lines < 16) continue;
    EXPECT_EQ(value.at("event").as_string(), "longest");
    EXPECT_EQ(value.at("b").as_string(), hostile);
    EXPECT_EQ(value.at("d").as_string(), hostile);
    EXPECT_EQ(value.at("c").as_string(), longest);
  }
  EXPECT_EQ(lines, 16u);
}

TEST(Log, ABatchIsWrittenWholeWhenItIsFlushed) {
  ::testing::internal::CaptureStderr();
  std::size_t expected = 0;
  {
    LogBatch batch;
    for (int i = 0; i < 3000; ++i) {
      batch.add(LogLevel::kInfo, "line", {{"number", i}, {"price", Price::parse("1.10105").value()}, {"text", "a\nb"}});
      batch.add(LogLevel::kDebug, "too_mild");
      ++expected;
    }
    batch.flush();
    batch.add(LogLevel::kError, "last");  // flushed by its end
  }
  std::istringstream output(::testing::internal::GetCapturedStderr());
  std::string line;
  std::size_t lines = 0;
  while (std::getline(output, line)) {
    const auto value = boost::json::parse(line);
    if (lines < expected) {
      EXPECT_EQ(value.at("number").as_int64(), static_cast<std::int64_t>(lines));
      EXPECT_EQ(value.at("price").as_string(), "1.10105");
      EXPECT_EQ(value.at("text").as_string(), "a\nb");
    } else {
      EXPECT_EQ(value.at("event").as_string(), "last");
    }
    ++lines;
  }
  EXPECT_EQ(lines, expected + 1);
}

}  // namespace
}  // namespace portcullis::app
