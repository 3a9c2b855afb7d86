// SPDX-License-Identifier: Apache-2.0
// The result of adapting an estimator to a measured engine, as plain data. docs/cli.md explains every field.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/engine/engine_identity.hpp"
#include "study/calibration/calibration_report.hpp"

namespace lanewise::study {

// One parameter whose effective value was searched for, with values as --set takes them.
struct EffectiveValue {
  std::string key, described, effective;
  Identifiability identifiability = Identifiability::kUnknown;
};

// One term of the linear correction.
struct CorrectionShare {
  std::string feature;
  double coefficient = 0;  // log latency per standard deviation of the feature; of "constant": the intercept
};

struct AdaptationReport {
  std::string engine, family;
  engine::EngineIdentity identity;  // of the engine as described
  std::string rows_file, rows_hash;
  std::string tool_version;
  std::int64_t of_other_engines = 0;  // rows of the file that name another engine
  std::vector<std::string> ignored_columns;
  LayerLogNote log;                         // where the rows came from a profiler's log
  std::vector<std::string> row_keys;        // keys whose values the rows' own columns set
  std::vector<EffectiveValue> keys;         // every key searched, whether its value changed or not
  std::vector<CorrectionShare> correction;  // empty: no correction reduces the error
  FitError before, fitted;                  // on the rows that were fitted, before and after
  // In cross-validation, where a row is judged without the rows of its shape: with the effective values alone, and with
  // the correction on top of them.
  FitError cross_effective, cross_after;
  std::int64_t folds = 0;  // of the cross-validation
};

}  // namespace lanewise::study
