// The tracer itself, on programs whose system calls are known.
#include "tests/acceptance/traced_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>

#include <fstream>

namespace portcullis::acceptance {
namespace {

class TracedProcessTest : public testing::Test {
 protected:
  sim::Process::Spec shell(const std::string& script) const {
    sim::Process::Spec spec;
    spec.command = {"/bin/sh", "-c", script};
    spec.errors = directory_ / "out";
    return spec;
  }
  sim::TemporaryDirectory directory_{"portcullis-test"};
};

TEST_F(TracedProcessTest, TellsTheExitCode) {
  TracedProcess process(shell("exit 7"));
  ASSERT_TRUE(process.wait(Duration::seconds(10)));
  EXPECT_EQ(process.exit_code(), 7);
  EXPECT_FALSE(process.hit());
}

TEST_F(TracedProcessTest, DeliversSignals) {
  TracedProcess process(shell("trap 'exit 5' TERM; echo ready; while :; do :; done"));
  std::string line;
  while (line != "ready") std::getline(std::ifstream(directory_ / "out"), line);
  process.signal(SIGTERM);
  ASSERT_TRUE(process.wait(Duration::seconds(10)));
  EXPECT_EQ(process.exit_code(), 5);
}

TEST_F(TracedProcessTest, KillsBeforeTheCallHappens) {
  const std::string file = directory_ / "written";
  TracedProcess process(shell("read word < /dev/null; while ! [ -e " + (directory_ / "go") +
                              " ]; do :; done; echo one > " + file + "; echo two >> " + file));
  process.arm([](const TracedProcess::Stop& stop) {
    return !stop.exit && stop.call == SYS_write && stop.arguments[0] == 1 &&
           Descriptors(0, {}).kind(stop.process, 1).find("written") != std::string::npos && stop.arguments[2] == 4;
  });
  std::ofstream(directory_ / "go") << "x";
  ASSERT_TRUE(process.wait(Duration::seconds(10)));
  EXPECT_TRUE(process.hit());
  EXPECT_EQ(process.exit_code(), 128 + SIGKILL);
  std::string text;
  std::getline(std::ifstream(file), text);
  EXPECT_EQ(text, "");  // "one\n" is four bytes: the first write never happened
}

}  // namespace
}  // namespace portcullis::acceptance
