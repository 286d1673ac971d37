#include "app/processors.h"

#include <gmock/gmock.h>

#include <thread>

namespace portcullis::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Processors, WithoutKeysNothingIsPlaced) {
  const auto processors = Processors::of({}, {0, 1});
  ASSERT_TRUE(processors.ok());
  EXPECT_THAT(processors->core, IsEmpty());
  EXPECT_THAT(processors->others, IsEmpty());
}

TEST(Processors, TheOthersKeepOffTheCoresProcessor) {
  config::GatewaySection section;
  section.core_cpu = 2;
  auto processors = Processors::of(section, {0, 2, 5});
  ASSERT_TRUE(processors.ok());
  EXPECT_THAT(processors->core, ElementsAre(2));
  EXPECT_THAT(processors->others, ElementsAre(0, 5));
  section.other_cpus = {5};
  processors = Processors::of(section, {0, 2, 5});
  ASSERT_TRUE(processors.ok());
  EXPECT_THAT(processors->others, ElementsAre(5));
}

TEST(Processors, AProcessorThatTheProcessMayNotUseIsRefusedByKey) {
  config::GatewaySection section;
  section.core_cpu = 7;
  EXPECT_THAT(Processors::of(section, {0, 1}).error().what,
              HasSubstr("gateway.core_cpu names processor 7, which this process may not use; expected one of 0, 1"));
  section.core_cpu.reset();
  section.other_cpus = {9};
  EXPECT_THAT(Processors::of(section, {0, 1}).error().what, HasSubstr("gateway.other_cpus names processor 9"));
  section.other_cpus.clear();
  section.core_cpu = 0;
  EXPECT_THAT(Processors::of(section, {0}).error().what, HasSubstr("the only processor"));
}

TEST(Processors, AThreadThatIsPlacedHandsItsProcessorsOn) {
  const auto allowed = allowed_processors();
  ASSERT_TRUE(allowed.ok());
  const std::set<std::uint16_t> one{*allowed->rbegin()};
  std::set<std::uint16_t> seen;
  std::thread placed([&] {
    ASSERT_TRUE(place_thread(one).ok());
    std::thread([&] { seen = *allowed_processors(); }).join();
  });
  placed.join();
  EXPECT_EQ(seen, one);
}

}  // namespace
}  // namespace portcullis::app
