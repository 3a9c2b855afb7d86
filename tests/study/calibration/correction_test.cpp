// SPDX-License-Identifier: Apache-2.0
#include "study/calibration/correction.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/random.hpp"

namespace lanewise::study {
namespace {

std::vector<std::vector<double>> random_features(int rows, Random& random) {
  std::vector<std::vector<double>> features;
  for (int i = 0; i < rows; ++i) features.push_back({1, 6 + 6 * random.unit(), random.unit(), random.unit(), 0.25});
  return features;
}

double answered(const std::vector<estimator::CorrectionTerm>& terms, const std::vector<double>& row) {
  double sum = 0;
  const std::vector<std::string>& names = estimator::correction_features();
  for (const estimator::CorrectionTerm& term : terms) {
    const auto f = static_cast<std::size_t>(std::find(names.begin(), names.end(), term.feature) - names.begin());
    sum += term.coefficient * (row[f] - term.centre) / term.spread;
  }
  return sum;
}

TEST(Correction, noise_alone_is_not_corrected) {
  Random random(11);
  int kept = 0;
  for (int world = 0; world < 20; ++world) {
    const auto features = random_features(20, random);
    std::vector<double> wanted;
    for (std::size_t i = 0; i < features.size(); ++i) wanted.push_back(0.02 * random.normal());
    const auto terms = fit_correction(features, wanted);
    if (!terms.empty()) ++kept;
    // Whatever is kept of noise is shrunk far below it.
    for (const std::vector<double>& row : features) EXPECT_LT(std::abs(answered(terms, row)), 0.03);
  }
  EXPECT_LE(kept, 8);
}

TEST(Correction, finds_a_law_under_noise) {
  Random random(12);
  const auto features = random_features(40, random);
  const auto law = [](const std::vector<double>& row) { return 0.05 + 0.2 * (row[2] - 0.5); };
  std::vector<double> wanted;
  for (const std::vector<double>& row : features) wanted.push_back(law(row) + 0.005 * random.normal());
  const auto terms = fit_correction(features, wanted);
  ASSERT_FALSE(terms.empty());
  for (const std::vector<double>& row : random_features(20, random)) EXPECT_NEAR(answered(terms, row), law(row), 0.02);
  // What does not vary, but for the constant, has no say.
  for (const estimator::CorrectionTerm& term : terms) EXPECT_NE(term.feature, "fixed_share");
}

TEST(Correction, one_wild_row_does_not_bend_the_rest) {
  Random random(13);
  const auto features = random_features(30, random);
  std::vector<double> wanted(features.size(), 0.04);
  for (double& value : wanted) value += 0.004 * random.normal();
  wanted[4] = -3;
  const auto terms = fit_correction(features, wanted);
  ASSERT_FALSE(terms.empty());
  for (std::size_t i = 5; i < features.size(); ++i) EXPECT_NEAR(answered(terms, features[i]), 0.04, 0.03);
}

TEST(Correction, two_rows_say_nothing) {
  EXPECT_TRUE(fit_correction({{1, 7, 0.1, 0.2, 0.3}, {1, 8, 0.2, 0.3, 0.4}}, {0.5, 0.5}).empty());
}

}  // namespace
}  // namespace lanewise::study
