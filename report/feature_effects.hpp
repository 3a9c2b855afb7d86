// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: the reasons for a prediction as factors in percent, the largest ones singly.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "estimator/estimator.hpp"

namespace lanewise::report {

// A feature multiplies the prediction by 1 + percent / 100.
struct FeatureEffect {
  std::string feature;
  double value = 0;  // of the feature
  double percent = 0;
};

// The prediction is the analytical model's value, times the usual ratio, times the effect of every feature.
struct FeatureEffects {
  double usual_percent = 0;            // of the mean over the training rows
  std::vector<FeatureEffect> largest;  // the largest first
  double others_percent = 0;           // of all other features together
};

inline double percent_of(double log_ratio) { return 100 * (std::exp(log_ratio) - 1); }

inline FeatureEffects feature_effects(const estimator::Reasons& reasons) {
  constexpr std::size_t kShown = 8;
  FeatureEffects out;
  out.usual_percent = percent_of(reasons.usual_log_ratio);
  double others = 0;
  for (const estimator::Contribution& contribution : reasons.contributions) {
    if (out.largest.size() < kShown) {
      out.largest.push_back({contribution.feature, contribution.value, percent_of(contribution.log_ratio)});
    } else {
      others += contribution.log_ratio;
    }
  }
  out.others_percent = percent_of(others);
  return out;
}

}  // namespace lanewise::report
