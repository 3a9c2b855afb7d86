// SPDX-License-Identifier: Apache-2.0
// A description's numbers fitted to measured rows, by the simulator.
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
  std::string hw;                           // the description
  std::vector<engine::Override> overrides;  // part of it
  std::string engine_name;                  // of the rows; "": the description's
  std::string cycles_column;                // as read_validation_rows takes it
  std::string keys;                         // as parse_fit_keys takes it
  double hold_out = 0.25;                   // share of the shapes that are left out, in [0, 1); of folds = 0
  std::int64_t folds = 0;                   // 0, or at least 2: every row is left out once
  std::uint64_t seed = 1;                   // of what is left out
};

// Fits and says how far it can be trusted. The same rows and settings give the same answer. Throws Error for bad rows,
// keys and descriptions, and where a row cannot be simulated.
Calibration calibrate_engine(const std::string& rows_path, const CalibrationSettings& settings,
                             const Progress& progress = {});

// Values for `keys` from the rows whose `use` is true; their standing where `standings` is given. What calibrate_engine
// and benchmarks call. Keys that every row sets itself must not be among them.
SearchOutcome fit_values(const engine::EngineConfig& described, const MeasuredRows& rows, const std::vector<bool>& use,
                         const std::vector<SearchKey>& keys, std::vector<KeyIdentifiability>* standings = nullptr,
                         const Progress& progress = {});
// log(simulated / measured) of every row with `use`, in order, with these values in place of the description's.
Residuals simulated_residuals(const engine::EngineConfig& described, const MeasuredRows& rows,
                              const std::vector<bool>& use, const std::vector<SearchKey>& keys,
                              const std::vector<double>& values);
// `described` with these values.
engine::EngineConfig with_values(const engine::EngineConfig& described, const std::vector<SearchKey>& keys,
                                 const std::vector<double>& values);
// Rows, mean, median and worst error of log residuals.
FitError fit_error(const Residuals& residuals);

}  // namespace lanewise::study
