// SPDX-License-Identifier: Apache-2.0
#include "estimator/forest_lanes.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

using namespace lanewise;
using namespace lanewise::estimator;

namespace {

constexpr std::size_t kFeatures = 5;
using Levels = std::vector<std::vector<ForestLanes::Split>>;

struct RandomTree {
  Levels levels;
  std::vector<float> leaves;
};

// Of random shape: a path that has a split goes on with one on either side, or ends.
RandomTree random_tree(Random& random, const std::vector<std::vector<float>>& thresholds) {
  RandomTree tree;
  tree.levels.resize(static_cast<std::size_t>(random.between(1, ForestLanes::kMostLevels)));
  tree.leaves.resize(std::size_t{1} << tree.levels.size());
  for (float& leaf : tree.leaves) leaf = static_cast<float>(random.normal());
  std::vector<std::uint8_t> open = {0};
  for (auto& level : tree.levels) {
    std::vector<std::uint8_t> next;
    for (const std::uint8_t path : open) {
      if (random.chance(0.2)) continue;
      const auto feature = static_cast<std::uint16_t>(random.below(kFeatures));
      const auto rank = static_cast<int>(random.below(thresholds[feature].size()));
      level.push_back({static_cast<std::int8_t>(rank - 128), path, feature});
      next.push_back(static_cast<std::uint8_t>(2 * path));
      next.push_back(static_cast<std::uint8_t>(2 * path + 1));
    }
    open = next;
  }
  return tree;
}

float answer(const RandomTree& tree, const std::vector<std::vector<float>>& thresholds, const float* row) {
  std::size_t path = 0;
  for (const auto& level : tree.levels) {
    bool right = false;
    for (const ForestLanes::Split& split : level) {
      const float threshold = thresholds[split.feature][static_cast<std::size_t>(split.rank + 128)];
      right = right || (split.path == path && row[split.feature] >= threshold);
    }
    path = 2 * path + (right ? 1 : 0);
  }
  return tree.leaves[path];
}

TEST(ForestLanes, each_row_takes_its_own_way_whatever_the_instructions) {
  Random random(1);
  // As few thresholds as one, as many as there are ranks for.
  std::vector<std::vector<float>> thresholds(kFeatures);
  const std::size_t counts[kFeatures] = {1, 2, 37, 128, ForestLanes::kMostThresholds};
  for (std::size_t f = 0; f < kFeatures; ++f) {
    while (thresholds[f].size() < counts[f]) thresholds[f].push_back(static_cast<float>(random.normal()));
    std::sort(thresholds[f].begin(), thresholds[f].end());
  }
  ForestLanes lanes;
  lanes.set_thresholds(thresholds);
  std::vector<RandomTree> trees;
  for (int t = 0; t < 60; ++t) {
    trees.push_back(random_tree(random, thresholds));
    lanes.add_tree(trees.back().levels, trees.back().leaves);
  }
  std::vector<ForestLanes::Code> codes = {ForestLanes::Code::kAny};
  if (ForestLanes::fastest() != codes[0]) codes.push_back(ForestLanes::fastest());
  for (const std::size_t rows : {1U, 31U, 32U, 33U, 64U, 65U, 96U, 97U, 128U, 200U, 300U}) {
    std::vector<float> features, sums(rows, 0.25F), expected = sums;
    for (std::size_t i = 0; i < rows * kFeatures; ++i) {
      const std::vector<float>& some = thresholds[i % kFeatures];
      features.push_back(random.chance(0.5) ? random.pick(some) : static_cast<float>(random.normal()));
    }
    for (std::size_t row = 0; row < rows; ++row) {
      for (const RandomTree& tree : trees) expected[row] += answer(tree, thresholds, &features[row * kFeatures]);
    }
    for (const ForestLanes::Code code : codes) {
      std::vector<float> by_code = sums;
      lanes.add(features.data(), rows, kFeatures, by_code.data(), code);
      EXPECT_EQ(by_code, expected) << rows << " rows";
    }
  }
}

TEST(ForestLanes, refuses_more_thresholds_than_ranks) {
  ForestLanes lanes;
  EXPECT_THROW(lanes.set_thresholds({std::vector<float>(ForestLanes::kMostThresholds + 1)}), InternalError);
}

}  // namespace
