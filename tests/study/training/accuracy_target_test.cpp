// SPDX-License-Identifier: Apache-2.0
#include "study/training/accuracy_target.hpp"

#include <gtest/gtest.h>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

estimator::Accuracy accuracy(double mape, double within_5, double within_10) {
  estimator::Accuracy a;
  a.rows = 10;
  a.mape_percent = mape;
  a.within_5_percent = within_5;
  a.within_10_percent = within_10;
  return a;
}

TEST(AccuracyTarget, reads_what_it_writes) {
  for (const char* text : {"within10>=0.98", "within5>=1", "mape<=2.5"}) {
    EXPECT_EQ(to_string(parse_accuracy_target(text)), text);
  }
}

TEST(AccuracyTarget, is_met_at_its_value_and_not_beside) {
  EXPECT_TRUE(meets(parse_accuracy_target("within10>=0.5"), accuracy(90, 0, 50)));
  EXPECT_FALSE(meets(parse_accuracy_target("within10>=0.5"), accuracy(0, 49.9, 49.9)));
  EXPECT_TRUE(meets(parse_accuracy_target("within5>=0.9"), accuracy(9, 90, 91)));
  EXPECT_FALSE(meets(parse_accuracy_target("within5>=0.9"), accuracy(9, 89, 91)));
  EXPECT_TRUE(meets(parse_accuracy_target("mape<=3"), accuracy(3, 0, 0)));
  EXPECT_FALSE(meets(parse_accuracy_target("mape<=3"), accuracy(3.01, 100, 100)));
}

TEST(AccuracyTarget, is_not_met_by_nothing) {
  EXPECT_FALSE(meets(parse_accuracy_target("mape<=3"), estimator::Accuracy()));
}

TEST(AccuracyTarget, refuses_what_means_nothing) {
  for (const char* text :
       {"", "within10", "within10>=", "within10<=0.9", "within10>=98", "within10>=0", "within10>=0.9x", "within10>=nan",
        "mape>=3", "mape<=0", "mape<=inf", "within7>=0.5", ">=0.5", "within10=0.5"}) {
    try {
      parse_accuracy_target(text);
      ADD_FAILURE() << "'" << text << "' was taken";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("target '" + std::string(text) + "'"), std::string::npos)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace lanewise::study
