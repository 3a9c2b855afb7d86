// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/record/measurement.hpp"

using namespace lanewise;
using namespace lanewise::record;

TEST(Measurement, SourcesAreNamedAsTheAnswersNameThem) {
  EXPECT_STREQ(to_string(Source::kSimulated), "simulated");
  EXPECT_STREQ(to_string(Source::kEstimated), "estimated");
}
