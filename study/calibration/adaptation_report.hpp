// SPDX-License-Identifier: Apache-2.0
// An estimator adapted to an engine as it was measured. docs/cli.md explains every field.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "study/calibration/calibration_report.hpp"

namespace lanewise::study {

struct EffectiveValue {
  std::string key, described, effective;
  std::string standing;  // as FittedKey's
};

struct CorrectionShare {
  std::string feature;
  double coefficient = 0;  // log latency a standard deviation of the feature; of "constant": in all
};

struct AdaptationReport {
  std::string engine, family;
  std::string rows_file, rows_hash;
  std::string tool_version;
  std::int64_t of_other_engines = 0;
  std::vector<std::string> ignored_columns;
  std::vector<std::string> row_keys;
  std::vector<EffectiveValue> keys;         // those that were searched, whether they changed or not
  std::vector<CorrectionShare> correction;  // empty: none helps
  // Percent of what was measured. In cross-validation each row is judged without the rows of its shape.
  FitError before, fitted;                // of the rows fitted to
  FitError cross_effective, cross_after;  // effective values alone, and all that is kept
  std::int64_t folds = 0;
};

}  // namespace lanewise::study
