// SPDX-License-Identifier: Apache-2.0
// A trained estimator adapted to an engine as it was measured.
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
  std::string hw;                           // the description
  std::vector<engine::Override> overrides;  // part of it
  std::string engine_name;                  // of the rows; "": the description's
  std::string cycles_column;                // as read_validation_rows takes it
  std::string keys;                         // as parse_fit_keys takes it
  std::int64_t folds = 5;                   // of the cross-validation, at least 2
  std::uint64_t seed = 1;                   // of the folds
};

// Adapts `model` in place, whatever it was adapted to before. Throws Error for bad rows, keys and descriptions, for an
// engine of another family than the model's, and for rows of one shape only.
AdaptationReport adapt(estimator::Estimator& model, const std::string& rows_path, const AdaptSettings& settings,
                       const Progress& progress = {});

// What adapt finds in the rows with `use`; its identity and errors are not filled in. What benchmarks call.
estimator::Adaptation find_adaptation(const estimator::Estimator& model, const engine::EngineConfig& described,
                                      const MeasuredRows& rows, const std::vector<bool>& use,
                                      const std::vector<std::string>& keys, const AdaptSettings& settings,
                                      AdaptationReport* report = nullptr, const Progress& progress = {});
// log(predicted / measured) of every row with `use`, in order, on the engine with the adaptation's effective values and
// its correction.
Residuals predicted_residuals(const estimator::Estimator& model, const engine::EngineConfig& described,
                              const MeasuredRows& rows, const std::vector<bool>& use,
                              const estimator::Adaptation& adaptation);

}  // namespace lanewise::study
