// `portcullis demo`, as a user runs it.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "tests/acceptance/rig.h"

namespace portcullis::acceptance {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(Demo, TradesThroughABrokersAbsenceAndLosesNothing) {
  sim::TemporaryDirectory directory("portcullis-demo-test");
  sim::Process::Spec spec;
  spec.command = {program(), "demo", "--for", "20"};
  spec.output = directory / "out";
  spec.errors = directory / "err";
  auto demo = sim::Process::start(spec);
  ASSERT_TRUE(demo.ok()) << demo.error().what;
  const std::optional<int> code = demo->wait(Duration::seconds(200));
  const std::string progress = text_of(directory / "err");
  ASSERT_EQ(code, 0) << text_of(directory / "out") << progress;

  const boost::json::object summary = boost::json::parse(text_of(directory / "out")).as_object();
  EXPECT_GE(summary.at("orders").to_number<int>(), 1000);
  EXPECT_GT(summary.at("acknowledged").to_number<int>(), 0);
  EXPECT_GT(summary.at("rejected").to_number<int>(), 0);
  EXPECT_GT(summary.at("filled").to_number<int>(), 0);
  EXPECT_EQ(summary.at("lost").to_number<int>(), 0);
  EXPECT_EQ(summary.at("duplicated").to_number<int>(), 0);
  EXPECT_NE(progress.find("console: http://127.0.0.1:"), std::string::npos);
  EXPECT_NE(progress.find("northbank went away"), std::string::npos);
  EXPECT_NE(progress.find("northbank is back"), std::string::npos);
}

}  // namespace
}  // namespace portcullis::acceptance
