// SPDX-License-Identifier: Apache-2.0
// Calibration: fits the parameters of an engine's description to measured rows, with the simulator as the model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_config.hpp"
#include "study/calibration/calibration_report.hpp"
#include "study/calibration/identifiability.hpp"
#include "study/calibration/measured_rows.hpp"
#include "study/calibration/parameter_search.hpp"

namespace lanewise::study {

struct CalibrationSettings {
  std::string hw;                           // the file of the description
  std::vector<engine::Override> overrides;  // applied to it before anything is fitted
  std::string engine_name;                  // whose rows are used; "": the description's name
  std::string cycles_column;                // as read_validation_rows takes it
  std::string keys;                         // as parse_fit_keys takes it
  double hold_out = 0.25;                   // share of the shapes left out, in [0, 1); ignored with folds
  std::int64_t folds = 0;                   // 0: hold-out; 2 or more: cross-validation
  std::uint64_t seed = 1;                   // of the choice of what is left out
};

// Fits the description to the rows of the CSV file at `rows_path` and judges every value found. Deterministic: the same
// rows and settings give the same result. Throws Error for invalid rows, keys and descriptions, and for a row that
// cannot be simulated.
Calibration calibrate_engine(const std::string& rows_path, const CalibrationSettings& settings,
                             const Progress& progress = {});

// Fits `keys` to the rows whose `use` is true, and fills `identifiability`, one entry per key, unless it is null. Keys
// that every row sets itself must not be among `keys`. This is the step that calibrate_engine and benchmarks share.
SearchOutcome fit_values(const engine::EngineConfig& described, const MeasuredRows& rows, const std::vector<bool>& use,
                         const std::vector<SearchKey>& keys, std::vector<KeyIdentifiability>* identifiability = nullptr,
                         const Progress& progress = {});
// log(simulated / measured) of every row whose `use` is true, in file order, with `values` in place of the
// description's. Throws Error naming file and line for a row that cannot be simulated.
Residuals simulated_residuals(const engine::EngineConfig& described, const MeasuredRows& rows,
                              const std::vector<bool>& use, const std::vector<SearchKey>& keys,
                              const std::vector<double>& values);
// `described` with `values` for `keys`. Throws Error where no engine can have them.
engine::EngineConfig with_values(const engine::EngineConfig& described, const std::vector<SearchKey>& keys,
                                 const std::vector<double>& values);
// Summarizes log residuals: their number, and the mean, median and worst relative error they stand for.
// `cycles`: measured ones of the same rows, for the error of their sum.
FitError fit_error(const Residuals& residuals, const std::vector<std::int64_t>& cycles = {});

}  // namespace lanewise::study
