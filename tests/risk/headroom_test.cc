#include "risk/headroom.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace portcullis::risk {
namespace {

// Few values, so that several places share the least one; and those at the ends of the range.
std::int64_t any_value(std::mt19937_64& random) {
  switch (random() % 8) {
    case 0:
      return std::numeric_limits<std::int64_t>::min();
    case 1:
      return std::numeric_limits<std::int64_t>::max();
    case 2:
      return static_cast<std::int64_t>(random());
    default:
      return static_cast<std::int64_t>(random() % 5) - 2;
  }
}

TEST(Headroom, TheNearestIsTheFirstOfTheLeastWhicheverProcessorFindsIt) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<HeadroomColumn> columns(random() % (kHeldSums + 1));
    for (HeadroomColumn& column : columns) std::generate(column.begin(), column.end(), [&] { return any_value(random); });
    std::array<Nearest, kHeldSums> found;
    std::array<Nearest, kHeldSums> portably;
    find_nearest(columns, found.data());
    find_nearest_portably(columns, portably.data());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto least = std::min_element(columns[i].begin(), columns[i].end());
      ASSERT_EQ(found[i].headroom, *least);
      ASSERT_EQ(found[i].place, static_cast<std::size_t>(least - columns[i].begin()));
      ASSERT_EQ(portably[i].headroom, found[i].headroom);
      ASSERT_EQ(portably[i].place, found[i].place);
    }
  }
}

}  // namespace
}  // namespace portcullis::risk
