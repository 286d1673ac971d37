// The way in that works with REST and the database down: `portcullis kill`, `drill` and `status`.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/acceptance/rig.h"

namespace portcullis::acceptance {
namespace {

// The blotter is a PostgreSQL that is not there.
void take_the_database_away(const std::string& configuration) {
  std::ifstream in(configuration);
  std::string text(std::istreambuf_iterator<char>(in), {});
  in.close();
  const std::string sqlite = "sqlite:./data/blotter.db";
  const std::size_t at = text.find(sqlite);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, sqlite.size(), "postgresql://nobody@127.0.0.1:1/nothing");
  std::ofstream(configuration, std::ios::trunc) << text;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(LocalDoor, StopsWithTheDatabaseAwayAndOnlyTightens) {
  Rig rig("process", 50, 20, 7);
  take_the_database_away(rig.configuration());
  const auto command = [&rig](std::vector<std::string> arguments, std::string& output) {
    arguments.insert(arguments.begin() + 1, {"--config", rig.configuration()});
    return rig.run(arguments, output);
  };
  std::string output;
  EXPECT_EQ(command({"status"}, output), 1) << "no gateway runs yet";
  EXPECT_TRUE(has(output, "no gateway answers")) << output;

  rig.start_gateway();
  ASSERT_TRUE(rig.wait_for_sessions(Duration::seconds(60))) << rig.last_words();
  struct stat file {};
  ASSERT_EQ(stat((rig.data_dir() + "/control.sock").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600u);

  EXPECT_EQ(command({"drill", "--scope", "firm", "--reason", "monthly"}, output), 0) << output;
  EXPECT_EQ(command({"kill", "--scope", "client", "--id", "alpha", "--state", "block_new", "--reason", "odd prices"}, output), 0)
      << output;
  EXPECT_EQ(command({"status"}, output), 0);
  EXPECT_TRUE(has(output, R"("state":"block_new","reason":"odd prices","user":"unix:)")) << output;
  EXPECT_TRUE(has(output, R"("origin":"drill")")) << output;

  EXPECT_EQ(command({"kill", "--scope", "client", "--id", "alpha", "--state", "active", "--reason", "r"}, output), 1);
  EXPECT_TRUE(has(output, "only tighten")) << output;
  EXPECT_EQ(command({"kill", "--scope", "client", "--id", "alpha", "--state", "reduce_only", "--reason", "r"}, output), 1);
  EXPECT_EQ(command({"kill", "--scope", "client", "--id", "nobody", "--state", "killed", "--reason", "r"}, output), 1);
  EXPECT_TRUE(has(output, "no client named 'nobody'")) << output;

  // Neither a faulty file nor secrets that this shell has not stand in the way; only gateway.data_dir is read.
  std::ofstream(rig.configuration(), std::ios::app) << "\nhalf_edited: [${env:NOT_SET_HERE}]\n";
  EXPECT_EQ(command({"kill", "--scope", "client", "--id", "beta", "--state", "reduce_only", "--reason", "r"}, output), 0) << output;

  // Not everybody where somebody was meant.
  EXPECT_EQ(command({"kill", "--scope", "firm", "--id", "alpha", "--state", "killed", "--reason", "r"}, output), 2) << output;
  EXPECT_EQ(command({"kill", "--scope", "client", "--state", "killed", "--reason", "r"}, output), 2) << output;
  EXPECT_EQ(command({"kill", "--scope", "galaxy", "--id", "alpha", "--state", "killed", "--reason", "r"}, output), 2) << output;

  // A kill logs the clients out and keeps them out.
  EXPECT_EQ(command({"kill", "--scope", "firm", "--state", "killed", "--reason", "stop it all"}, output), 0) << output;
  bool out = false;
  for (int i = 0; i < 200 && !out; ++i) {
    ASSERT_EQ(command({"status"}, output), 0);
    out = !has(output, R"("role":"client","version":"FIX.4.4","state":"up")") && !has(output, R"("role":"client","version":"FIX.4.2","state":"up")");
  }
  EXPECT_TRUE(out) << output;
  EXPECT_TRUE(has(output, R"("role":"broker","version":"FIX.4.4","state":"up")")) << "brokers stay: " << output;

  EXPECT_EQ(rig.run({"audit", "verify", rig.data_dir()}, output), 0) << output;
  EXPECT_TRUE(has(output, "unbroken")) << output;
}

}  // namespace
}  // namespace portcullis::acceptance
