// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "nas/oracles/capacity.hpp"

namespace lanewise::nas {
namespace {

TEST(CapacityConstraint, misses_are_relative_to_the_bound_and_add_up) {
  const CapacityConstraint constraint({1000, 200}, 0.5, 0.8);  // at least 100 parameters and 800 MACs
  EXPECT_DOUBLE_EQ(constraint.shortfall({800, 100}), 0);
  EXPECT_DOUBLE_EQ(constraint.shortfall({5000, 5000}), 0);
  EXPECT_DOUBLE_EQ(constraint.shortfall({400, 100}), 0.5);
  EXPECT_DOUBLE_EQ(constraint.shortfall({800, 25}), 0.75);
  EXPECT_DOUBLE_EQ(constraint.shortfall({400, 25}), 1.25);
}

TEST(CapacityConstraint, a_share_of_nothing_is_no_constraint) {
  const CapacityConstraint none({1000, 200}, 0, 0);
  EXPECT_EQ(none.shortfall({0, 0}), 0);
  EXPECT_EQ(none.name(), "capacity constraint: none");
  const CapacityConstraint parameters_alone({1000, 200}, 1, 0);
  EXPECT_EQ(parameters_alone.shortfall({0, 200}), 0);
  EXPECT_EQ(parameters_alone.shortfall({0, 100}), 0.5);
}

TEST(CapacityConstraint, says_what_it_is_and_never_accuracy) {
  const CapacityConstraint constraint({1000, 200}, 0.9, 0.755);
  EXPECT_EQ(constraint.name(), "capacity constraint: parameters at least 90 %, MACs at least 75.5 % of the baseline's");
  EXPECT_EQ(constraint.name().find("accuracy"), std::string::npos);
}

TEST(CapacityConstraint, whole_numbers_bound_beside_shares) {
  const CapacityConstraint least({1000, 200}, 0, 0, {800, 100});
  EXPECT_EQ(least.shortfall({800, 100}), 0);
  EXPECT_EQ(least.shortfall({400, 100}), 0.5);
  EXPECT_EQ(least.name(), "capacity constraint: at least 100 parameters, at least 800 MACs");
  const CapacityConstraint both({1000, 200}, 0.9, 0.5, {800, 0});
  EXPECT_EQ(both.shortfall({600, 180}), 0.25);  // the larger bound counts
}

TEST(CapacityConstraint, shares_outside_zero_to_one_are_refused) {
  EXPECT_THROW(CapacityConstraint({1000, 200}, 1.1, 0), Error);
  EXPECT_THROW(CapacityConstraint({1000, 200}, 0, -0.1), Error);
  try {
    CapacityConstraint({1000, 200}, 0.5, 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "capacity constraint: share of MACs is 2, must lie in [0, 1]");
  }
}

}  // namespace
}  // namespace lanewise::nas
