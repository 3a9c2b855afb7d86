// SPDX-License-Identifier: Apache-2.0
// The accuracy of a model file, or of a model trained on a store for the purpose.
#pragma once

#include <string>

#include "estimator/accuracy_report.hpp"
#include "estimator/estimator.hpp"

namespace lanewise::study {

// The held-out accuracy that the model file carries. Throws Error naming `name` when it carries no held-out accuracy.
estimator::AccuracyReport accuracy_report(const estimator::Estimator& model, const std::string& name);
// The accuracy of a model file, or of a store of measurements, on which models are then trained and held out anew.
estimator::AccuracyReport evaluate_file(const std::string& path, const estimator::TrainOptions& options);

}  // namespace lanewise::study
