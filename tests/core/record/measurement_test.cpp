// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/record/measurement.hpp"

using namespace lanewise;
using namespace lanewise::record;

TEST(Measurement, sources_are_named_as_the_answers_name_them) {
  EXPECT_STREQ(to_string(Source::kSimulated), "simulated");
  EXPECT_STREQ(to_string(Source::kEstimated), "estimated");
}
