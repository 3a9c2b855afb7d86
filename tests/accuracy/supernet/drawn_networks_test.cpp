// SPDX-License-Identifier: Apache-2.0
// Which networks a step trains: both ends of the sandwich, sizes that open one after the other, bounds that hold.
#include "accuracy/supernet/drawn_networks.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/base/error.hpp"
#include "tests/accuracy/supernet/small_space.hpp"

namespace lanewise::accuracy {
namespace {

using testing::kSmallSpace;

class Drawn : public ::testing::Test {
 protected:
  SupernetSpace space_{"small.yaml", kSmallSpace};
  SupernetRecipe recipe_;
  Drawn() {
    recipe_.steps = 1000;
    recipe_.shrink_depth = recipe_.shrink_expansion = recipe_.shrink_kernel = recipe_.shrink_width = 0;
  }
  std::int64_t parameters(const nas::Genotype& genotype) const { return network::parameters(space_.graph(genotype)); }
};

TEST_F(Drawn, the_sandwich_has_the_largest_and_the_smallest_network_of_its_choices) {
  const DrawnNetworks drawn(space_, recipe_, 3);
  std::set<std::string> largest;
  for (std::int64_t t = 0; t < 40; ++t) {
    const StepNetworks step = drawn.step(t);
    ASSERT_TRUE(step.has_ends);
    ASSERT_EQ(step.genotypes.size(), 4u);
    const std::string first = space_.encode(step.genotypes[0]), second = space_.encode(step.genotypes[1]);
    EXPECT_EQ(first[0], second[0]);  // the activation
    const std::string type = first.substr(5, 1);
    EXPECT_EQ(first.substr(1), "-s8/" + type + (type == "i" ? "5e3c8r2/h8" : "5e2c8r2/h8"));
    EXPECT_EQ(second.substr(1), "-s4/" + type + (type == "i" ? "3e2c4r1/h0" : "3e1c4r1/h0"));
    largest.insert(first);
  }
  EXPECT_EQ(largest.size(), 4u);  // every activation and type had its turn
}

TEST_F(Drawn, a_share_of_the_steps_has_ends_evenly_spread) {
  recipe_.sandwich = 0.25;
  recipe_.random = 1;
  const DrawnNetworks drawn(space_, recipe_, 3);
  for (std::int64_t t = 0; t < 40; ++t) {
    EXPECT_EQ(drawn.step(t).has_ends, t % 4 == 3) << t;
    EXPECT_EQ(drawn.step(t).genotypes.size(), t % 4 == 3 ? 3u : 1u);
  }
}

TEST_F(Drawn, sizes_shrink_in_phases) {
  recipe_.sandwich = 0;
  recipe_.random = 8;
  recipe_.shrink_depth = 0.1;
  recipe_.shrink_expansion = 0.2;
  recipe_.shrink_kernel = 0.3;
  recipe_.shrink_width = 0.4;
  const DrawnNetworks drawn(space_, recipe_, 3);
  for (std::int64_t t = 0; t < 1000; t += 50) {
    std::set<GeneRole> shrunk;
    for (const nas::Genotype& genotype : drawn.step(t).genotypes) {
      for (std::size_t i = 0; i < genotype.size(); ++i) {
        nas::Genotype largest = genotype;
        if (space_.roles()[i] != GeneRole::kChoice) largest[i] = space_.ascending(i).back();
        // A gene that does not matter shows nothing.
        if (space_.canonical(largest) != genotype) shrunk.insert(space_.roles()[i]);
      }
    }
    EXPECT_EQ(shrunk.count(GeneRole::kDepth), t >= 100 ? 1u : 0u) << t;
    EXPECT_EQ(shrunk.count(GeneRole::kExpansion), t >= 200 ? 1u : 0u) << t;
    EXPECT_EQ(shrunk.count(GeneRole::kKernel), t >= 300 ? 1u : 0u) << t;
    EXPECT_EQ(shrunk.count(GeneRole::kWidth), t >= 400 ? 1u : 0u) << t;
  }
}

TEST_F(Drawn, a_step_does_not_depend_on_those_before_it) {
  const DrawnNetworks one(space_, recipe_, 3), other(space_, recipe_, 3), seeded(space_, recipe_, 4);
  for (std::int64_t t = 0; t < 10; ++t) one.step(t);
  EXPECT_EQ(one.step(500).genotypes, other.step(500).genotypes);
  EXPECT_NE(one.step(500).genotypes, seeded.step(500).genotypes);
}

TEST_F(Drawn, bounds_hold_for_every_network) {
  recipe_.most_parameters = 900;
  recipe_.random = 4;
  const DrawnNetworks drawn(space_, recipe_, 3);
  for (std::int64_t t = 0; t < 100; ++t) {
    for (const nas::Genotype& genotype : drawn.step(t).genotypes) EXPECT_LE(parameters(genotype), 900);
  }
  recipe_.most_parameters = 10;
  EXPECT_THROW(DrawnNetworks(space_, recipe_, 3), Error);
}

}  // namespace
}  // namespace lanewise::accuracy
