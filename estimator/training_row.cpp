// SPDX-License-Identifier: Apache-2.0
#include "estimator/training_row.hpp"

#include "estimator/analytical_model.hpp"
#include "estimator/feature_row.hpp"
#include "estimator/targets.hpp"

namespace lanewise::estimator {

static_assert(kLearnedQuantities == kTargetCount);

TrainingRow training_row(const Sample& sample) {
  const Analytic analytic = analyse(sample.subgraph, *sample.engine);
  TrainingRow row;
  append_features(sample.subgraph, *sample.engine, analytic, row.features);
  for (const Target target : kTargets) {
    LearnedQuantity& quantity = row.targets[static_cast<std::size_t>(target)];
    quantity.measured = measured(target, sample.measurement);
    quantity.analytical = analytical_value(target, analytic);
    quantity.learnable = learnable(target, analytic, sample.measurement);
    if (quantity.learnable) quantity.log_ratio = log_ratio(target, analytic, sample.measurement);
  }
  row.least_cycles = least_cycles(analytic);
  return row;
}

}  // namespace lanewise::estimator
