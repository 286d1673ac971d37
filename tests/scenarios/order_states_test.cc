#include <gtest/gtest.h>

#include "tests/scenarios/player.h"
#include "tests/scenarios/table.h"

// The order state matrices of FIX volume 4, appendix D, each scenario and each of its alternatives under
// its own name: 4.4 and 4.2 on both sides, then the versions crossed.

namespace portcullis::scenarios {

void PrintTo(const Play& play, std::ostream* out) {
  *out << play.name;
}

namespace {

std::string name_of(const testing::TestParamInfo<Play>& info) {
  return info.param.name;
}

class OrderStates44 : public testing::TestWithParam<Play> {};
TEST_P(OrderStates44, Plays) {
  Player(Version::kFix44, Version::kFix44, Version::kFix44).play(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Matrix, OrderStates44,
                         testing::ValuesIn(plays(Version::kFix44, Version::kFix44, Version::kFix44)), name_of);

class OrderStates42 : public testing::TestWithParam<Play> {};
TEST_P(OrderStates42, Plays) {
  Player(Version::kFix42, Version::kFix42, Version::kFix42).play(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Matrix, OrderStates42,
                         testing::ValuesIn(plays(Version::kFix42, Version::kFix42, Version::kFix42)), name_of);

// A client of 4.2 at a broker of 4.4: the broker's table, translated for the client.
class OrderStates42At44 : public testing::TestWithParam<Play> {};
TEST_P(OrderStates42At44, Plays) {
  Player(Version::kFix44, Version::kFix42, Version::kFix44).play(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Matrix, OrderStates42At44,
                         testing::ValuesIn(plays(Version::kFix44, Version::kFix42, Version::kFix44)), name_of);

class OrderStates44At42 : public testing::TestWithParam<Play> {};
TEST_P(OrderStates44At42, Plays) {
  Player(Version::kFix42, Version::kFix44, Version::kFix42).play(GetParam());
}
INSTANTIATE_TEST_SUITE_P(Matrix, OrderStates44At42,
                         testing::ValuesIn(plays(Version::kFix42, Version::kFix44, Version::kFix42)), name_of);

}  // namespace
}  // namespace portcullis::scenarios
