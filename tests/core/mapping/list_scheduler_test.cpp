// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/list_scheduler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/mapping/tile_search.hpp"
#include "core/mapping/tile_steps.hpp"

namespace lanewise::mapping {
namespace {

const char* const kLayers[] = {
    "family=convolution b=1 in=12x270x480 out=12x270x480 w=3x3/1x1/1x1/1,1,1,1 g=1 bias=1 act=none operand=tensor",
    "family=convolution b=1 in=384x1x313 out=384x1x313 w=1x1/1x1/1x1/0,0,0,0 g=1 bias=0 act=none operand=none",
    "family=convolution b=2 in=205x20x20 out=367x10x10 w=3x3/2x2/1x1/1,1,1,1 g=1 bias=0 act=none operand=none",
    "family=depthwise b=1 in=96x56x56 out=96x56x56 w=3x3/1x1/1x1/1,1,1,1 g=96 bias=0 act=none operand=none",
    "family=elementwise b=1 in=64x56x56 out=64x56x56 w=1x1/1x1/1x1/0,0,0,0 g=1 bias=0 act=none operand=tensor",
};

// Repetitions are copied, not guessed: without them every transfer is served at the same place and time.
TEST(ListScheduler, copies_what_repeats_itself) {
  std::size_t compared = 0;
  for (const char* name : {"ne-64", "ne-256", "ne-2048"}) {
    const engine::EngineConfig e = engine::load_engine("hwconfigs/" + std::string(name) + ".yaml").config;
    for (const char* text : kLayers) {
      const Subgraph s =
          parse_subgraph_key(std::string(text) + " pool=- n=1 prec=int8/int8/int8 at=dram/dram/dram resident=0");
      const TileProblem problem(s, e);
      for (TileChoice choice : choose_tiles(problem, 60, 1.5)) {
        for (int policy = 0; policy < kDmaPolicyCount; ++policy) {
          choice.policy = static_cast<DmaPolicy>(policy);
          const StepSequence steps = steps_of(problem, choice);
          StepSequence one_by_one = steps;
          one_by_one.periods.clear();
          const DmaProgram with = order_transfers(steps, choice, problem);
          const DmaProgram without = order_transfers(one_by_one, choice, problem);
          ASSERT_EQ(with.entries.size(), without.entries.size()) << text;
          const bool same =
              std::equal(with.entries.begin(), with.entries.end(), without.entries.begin(),
                         [](const DmaEntry& a, const DmaEntry& b) { return a.step == b.step && a.kind == b.kind; });
          EXPECT_TRUE(same) << text << " on " << name;
          EXPECT_NEAR(with.cycles, without.cycles, 1e-6 * without.cycles) << text << " on " << name;
          EXPECT_EQ(scheduled_cycles(steps, choice, problem), with.cycles);
          // Giving up early never hides a schedule that is short enough.
          EXPECT_EQ(scheduled_cycles(steps, choice, problem, with.cycles), with.cycles);
          ++compared;
        }
      }
    }
  }
  EXPECT_GT(compared, 500u);
}

}  // namespace
}  // namespace lanewise::mapping
