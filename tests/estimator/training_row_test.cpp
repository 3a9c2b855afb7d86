// SPDX-License-Identifier: Apache-2.0
// What others are told of a row is what Lanewise's own training sees.
#include "estimator/training_row.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <sstream>

#include "core/record/file.hpp"
#include "estimator/features.hpp"
#include "estimator/training_set.hpp"
#include "tests/estimator/toy_world.hpp"

namespace lanewise::estimator {
namespace {

TEST(FeatureMeanings, stand_for_the_features_in_their_order) {
  const std::vector<std::string>& names = feature_names();
  const std::vector<FeatureMeaning>& meanings = feature_meanings();
  ASSERT_EQ(meanings.size(), names.size());
  std::set<std::string> told;
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(meanings[i].name, names[i]);
    EXPECT_NE(std::string(meanings[i].unit), "") << names[i];
    EXPECT_TRUE(told.insert(meanings[i].meaning).second) << names[i] << " is told as another is";
  }
}

TEST(FeatureMeanings, are_those_of_the_page) {
  std::istringstream lines(record::read_file(std::string(LANEWISE_SOURCE_DIR) + "/docs/features.md"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| `f_", 0) == 0) rows.push_back(line);
  }
  ASSERT_EQ(rows.size(), feature_meanings().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const FeatureMeaning& feature = feature_meanings()[i];
    EXPECT_EQ(rows[i], std::string("| `f_") + feature.name + "` | " + feature.unit + " | " + feature.meaning + " |");
  }
}

TEST(TrainingRow, holds_the_numbers_that_training_sees) {
  const toy::World world = toy::make_world(6, 40, 5);
  const TrainingSet set(world.samples);
  for (std::size_t i = 0; i < world.samples.size(); ++i) {
    const TrainingRow row = training_row(world.samples[i]);
    EXPECT_EQ(row.features, set.features(i));
    EXPECT_EQ(row.least_cycles, least_cycles(set.analytic(i)));
    for (const Target target : kTargets) {
      const LearnedQuantity& quantity = row.targets[static_cast<std::size_t>(target)];
      EXPECT_EQ(quantity.measured, measured(target, world.samples[i].measurement));
      EXPECT_EQ(quantity.analytical, analytical_value(target, set.analytic(i)));
      EXPECT_EQ(quantity.learnable, quantity.measured > 0 && quantity.analytical > 0);
      if (quantity.learnable) {
        EXPECT_FLOAT_EQ(quantity.log_ratio, static_cast<float>(std::log(quantity.measured / quantity.analytical)));
      }
    }
  }
}

}  // namespace
}  // namespace lanewise::estimator
