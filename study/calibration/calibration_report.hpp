// SPDX-License-Identifier: Apache-2.0
// The result of fitting an engine's description to measured rows, as plain data. docs/cli.md explains every field.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_identity.hpp"
#include "study/calibration/identifiability.hpp"
#include "study/calibration/repeatability.hpp"
#include "study/calibration/roofline_fit.hpp"
#include "study/validation/layer_log.hpp"

namespace lanewise::study {

// Errors of simulated or predicted cycles, in percent of the measured ones. NaN where there are no rows.
struct FitError {
  std::int64_t rows = 0;
  double mape_percent = 0, median_percent = 0, worst_percent = 0;
  // Signed, of all rows' cycles together: a network's, where the rows are its layers. NaN where it was not asked for.
  double total_error_percent = std::numeric_limits<double>::quiet_NaN();
};

// One parameter of the description.
struct FittedKey {
  std::string key;
  std::string described, fitted;  // values as --set takes them; equal where the value was kept
  // nullopt: the key was not fitted, because every row sets its value itself.
  std::optional<KeyIdentifiability> identifiability;
};

// The error with the described values and with the fitted ones.
struct FitErrors {
  FitError before, after;
};

struct Calibration {
  std::string engine;
  engine::EngineIdentity identity;  // of the engine as described
  std::string rows_file, rows_hash;
  std::string tool_version;
  std::int64_t of_other_engines = 0;  // rows of the file that name another engine
  std::vector<std::string> ignored_columns;
  LayerLogNote log;  // where the rows came from a profiler's log
  std::vector<FittedKey> keys;
  FitErrors fitted;    // on the rows that were used
  FitErrors left_out;  // on the rows that were not
  Repeatability repeats;
  RooflineFit roofline;                         // fitted to the same rows
  FitError roofline_fitted, roofline_left_out;  // its errors on the rows that were used, and on those that were not
  // "hold_out": a share of the shapes was never used. "folds": cross-validation; every row is left out once, and the
  // values reported rest on all rows.
  std::string left_out_by;
  double hold_out_share = 0;     // of the shapes; 0 with folds
  std::int64_t folds = 0;        // 0 with a hold-out
  std::int64_t evaluations = 0;  // how often all rows were simulated
  std::string out;               // the file that was written; "": none

  // Rows that were left out have a larger mean error with the fitted values than as described: what was learned does
  // not hold for them. False where none were left out.
  bool left_out_worse() const { return left_out.after.mape_percent > left_out.before.mape_percent; }
  // Three numbers say more of rows that were left out than the simulator with the fitted values does.
  bool roofline_better() const { return left_out.after.mape_percent > roofline_left_out.mape_percent; }
};

}  // namespace lanewise::study
