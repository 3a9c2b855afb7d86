// SPDX-License-Identifier: Apache-2.0
// Few-shot adaptation of a trained estimator to a measured engine: effective parameter values, then a linear correction
// of what they leave unexplained.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "estimator/estimator.hpp"
#include "study/calibration/adaptation_report.hpp"
#include "study/calibration/measured_rows.hpp"
#include "study/calibration/parameter_search.hpp"

namespace lanewise::study {

struct AdaptSettings {
  std::string hw;                           // the file of the description
  std::vector<engine::Override> overrides;  // applied to it first
  std::string engine_name;                  // whose rows are used; "": the description's name
  std::string cycles_column;                // as read_validation_rows takes it
  std::string keys;                         // as parse_fit_keys takes it
  std::int64_t folds = 5;                   // of the cross-validation, at least 2
  std::uint64_t seed = 1;                   // of the folds
};

// Adapts `model` in place to the rows of the CSV file at `rows_path`; an earlier adaptation is replaced. Throws Error
// for invalid rows, keys and descriptions, for an engine of another family than the model's, and when all rows have one
// shape.
AdaptationReport adapt(estimator::Estimator& model, const std::string& rows_path, const AdaptSettings& settings,
                       const Progress& progress = {});

// Finds the effective values and the correction from the rows whose `use` is true. The description that the adaptation
// holds for and its errors are not filled in. This is the step that adapt and benchmarks share.
estimator::Adaptation find_adaptation(const estimator::Estimator& model, const engine::EngineConfig& described,
                                      const MeasuredRows& rows, const std::vector<bool>& use,
                                      const std::vector<std::string>& keys, const AdaptSettings& settings,
                                      AdaptationReport* report = nullptr, const Progress& progress = {});
// log(predicted / measured) of every row whose `use` is true, in file order, with the effective values and the
// correction of `adaptation` applied.
Residuals predicted_residuals(const estimator::Estimator& model, const engine::EngineConfig& described,
                              const MeasuredRows& rows, const std::vector<bool>& use,
                              const estimator::Adaptation& adaptation);

}  // namespace lanewise::study
