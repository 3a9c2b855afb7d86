// SPDX-License-Identifier: Apache-2.0
// The estimator's accuracy as the report room's plain data.
#pragma once

#include <string>

#include "estimator/estimator.hpp"
#include "report/accuracy.hpp"

namespace lanewise::study {

// What the model file carries. Throws Error naming `name` when it carries no held-out accuracy.
report::AccuracyReport accuracy_report(const estimator::Estimator& model, const std::string& name);
// Of a model file, or of a store of measurements: then it trains and holds out anew.
report::AccuracyReport evaluate_file(const std::string& path, const estimator::TrainOptions& options);

}  // namespace lanewise::study
