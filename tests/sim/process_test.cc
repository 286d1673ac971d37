#include "sim/process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace portcullis::sim {
namespace {

TEST(Process, TellsTheExitCodeAndKeepsTheOutput) {
  TemporaryDirectory directory("portcullis-test");
  Process::Spec spec;
  spec.command = {"/bin/sh", "-c", "echo $WORD; echo trouble >&2; exit 3"};
  spec.environment = {{"WORD", "hello"}};
  spec.output = directory / "out";
  spec.errors = directory / "err";
  Result<Process> process = Process::start(spec);
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(process->wait(Duration::seconds(10)), 3);
  EXPECT_FALSE(process->running());
  std::string text;
  std::getline(std::ifstream(directory / "out"), text);
  EXPECT_EQ(text, "hello");
}

TEST(Process, StopsInOrderOrByForce) {
  Result<Process> obedient = Process::start({{"/bin/sleep", "60"}, {}, {}, {}});
  ASSERT_TRUE(obedient.ok());
  EXPECT_FALSE(obedient->wait(Duration::milliseconds(1)).has_value());
  EXPECT_EQ(obedient->stop(Duration::seconds(10)), 128 + SIGTERM);
  Result<Process> killed = Process::start({{"/bin/sleep", "60"}, {}, {}, {}});
  ASSERT_TRUE(killed.ok());
  const pid_t pid = killed->pid();
  *killed = Process();
  EXPECT_NE(kill(pid, 0), 0);
}

TEST(Process, AProgramThatIsNotThereEndsWith127) {
  Result<Process> process = Process::start({{"/nonexistent/program"}, {}, {}, {}});
  ASSERT_TRUE(process.ok());
  EXPECT_EQ(process->wait(Duration::seconds(10)), 127);
}

TEST(FreePorts, AreDifferent) {
  const auto ports = free_ports(8);
  ASSERT_TRUE(ports.ok());
  EXPECT_EQ(std::set<std::uint16_t>(ports->begin(), ports->end()).size(), 8U);
}

TEST(TemporaryDirectory, GoesAwayUnlessKept) {
  std::string path;
  {
    TemporaryDirectory directory("portcullis-test");
    path = directory.path();
    std::ofstream(directory / "file") << "x";
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace portcullis::sim
