#include "risk/checks/inventory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "config/limits.h"
#include "risk/checks/registry.h"

namespace portcullis::risk {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(std::string(PORTCULLIS_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Inventory, EachRegisteredControlIsDescribedOnce) {
  std::set<order::Control> described;
  for (const ControlText& control : inventory()) {
    EXPECT_TRUE(described.insert(control.id).second) << to_string(control.id) << " stands twice in inventory.cc";
  }
  for (const RegisteredCheck& check : registry()) {
    EXPECT_TRUE(described.contains(check.id))
        << to_string(check.id) << " is in registry.cc, and has no entry in risk/checks/inventory.cc";
  }
}

TEST(Inventory, EachLimitThatIsEnforcedStandsAtItsControl) {
  for (const config::LimitInfo& limit : config::limits_table()) {
    if (!limit.enforced) continue;
    bool found = false;
    for (const ControlText& control : inventory()) {
      found = found || (to_string(control.id) == limit.control &&
                        (", " + std::string(control.limits) + ",").find(" " + std::string(limit.name) + ",") !=
                            std::string::npos);
    }
    EXPECT_TRUE(found) << limit.name << " is not among the limits of " << limit.control << " in inventory.cc";
  }
}

TEST(Inventory, EachLimitNamedIsOne) {
  for (const ControlText& control : inventory()) {
    if (control.limits == "-") continue;
    std::stringstream names{std::string(control.limits)};
    for (std::string name; std::getline(names >> std::ws, name, ',');) {
      EXPECT_TRUE(config::find_limit(name)) << name << " of " << to_string(control.id) << " is no limit";
    }
  }
}

TEST(Inventory, EachTestNamedIsThere) {
  for (const ControlText& control : inventory()) {
    const std::size_t colon = control.test.find(": ");
    ASSERT_NE(colon, std::string_view::npos) << to_string(control.id);
    const std::string text = read(std::string(control.test.substr(0, colon)));
    const std::string prefix = ", " + std::string(control.test.substr(colon + 2));
    bool found = false;
    for (std::size_t at = text.find("\nTEST"); at != std::string::npos; at = text.find("\nTEST", at + 1)) {
      const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
      found = found || line.find(prefix) != std::string::npos;
    }
    EXPECT_TRUE(found) << to_string(control.id) << ": " << control.test << "… is not there";
  }
}

TEST(Inventory, TheDocumentIsThisTable) {
  const std::string document = read("docs/risk.md");
  const std::string begin = "<!-- portcullis controls --markdown -->\n";
  const std::size_t from = document.find(begin);
  ASSERT_NE(from, std::string::npos);
  const std::size_t to = document.find("<!-- end -->", from);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(document.substr(from + begin.size(), to - from - begin.size()), inventory_markdown())
      << "put what `portcullis controls --markdown` prints between the marks";
}

}  // namespace
}  // namespace portcullis::risk
