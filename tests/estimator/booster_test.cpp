// SPDX-License-Identifier: Apache-2.0
#include "estimator/booster.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/base/error.hpp"

using namespace lanewise;
using namespace lanewise::estimator;

namespace {

struct Table {
  std::vector<float> features, labels;
};

// y = 2 where x0 > 0.5, else -1; x1 means nothing.
Table step_function(int rows) {
  Table table;
  for (int i = 0; i < rows; ++i) {
    const float x = static_cast<float>(i % 10) / 10.0F;
    table.features.push_back(x);
    table.features.push_back(static_cast<float>(i % 7));
    table.labels.push_back(x > 0.55F ? 2.0F : -1.0F);
  }
  return table;
}

constexpr BoosterOptions kOptions{1, 60, 3, 0.3};

TEST(Booster, learns_a_step) {
  const Table table = step_function(400);
  const Booster booster = Booster::train(table.features, table.labels, kOptions);
  const std::vector<float> answers = booster.predict({0.9F, 3, 0.1F, 3}, 2);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_NEAR(answers[0], 2, 0.05);
  EXPECT_NEAR(answers[1], -1, 0.05);
  EXPECT_TRUE(booster.predict({}, 0).empty());
}

TEST(Booster, reads_back_from_its_bytes) {
  const Table table = step_function(400);
  const Booster booster = Booster::train(table.features, table.labels, kOptions);
  const Booster read = Booster::from_bytes(booster.to_bytes());
  EXPECT_EQ(read.predict(table.features, table.labels.size()), booster.predict(table.features, table.labels.size()));
  EXPECT_EQ(read.to_bytes(), booster.to_bytes());
}

TEST(Booster, failures_of_the_library_are_errors_of_one_line) {
  Table table = step_function(20);
  table.labels[3] = std::numeric_limits<float>::quiet_NaN();
  try {
    Booster::train(table.features, table.labels, kOptions);
    FAIL() << "a label that is no number was taken";
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_NE(what.find("XGBoost refuses"), std::string::npos) << what;
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
  }
  BoosterOptions impossible = kOptions;
  impossible.learning_rate = -1;
  EXPECT_THROW(Booster::train(step_function(20).features, step_function(20).labels, impossible), Error);
  EXPECT_THROW(Booster::train({1, 2, 3}, {1, 2}, kOptions), InternalError);
}

TEST(Booster, the_library_prints_nothing) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const Table table = step_function(50);
  const Booster booster = Booster::train(table.features, table.labels, kOptions);
  booster.predict(table.features, table.labels.size());
  Table broken = table;
  broken.labels[0] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(Booster::train(broken.features, broken.labels, kOptions), Error);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
