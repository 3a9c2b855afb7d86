// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/signal_propagation.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace lanewise::nas {
namespace {
TEST(IsometryScore, of_scaled_isometry) { EXPECT_NEAR(isometry_score(4, 0), 2 - 2 - 0.5, 1e-12); }
}  // namespace
}  // namespace lanewise::nas
