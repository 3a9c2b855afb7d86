// SPDX-License-Identifier: Apache-2.0
// An estimator adapted to an engine as it was measured. docs/cli.md explains every field.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/engine_fit.hpp"

namespace lanewise::report {

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

std::string to_json(const AdaptationReport& report);
std::string to_text(const AdaptationReport& report);
// A row a key.
std::string to_csv(const AdaptationReport& report);

// What an estimate says of the adaptation of its estimator.
struct AdaptationNote {
  std::string engine;  // adapted to
  std::int64_t rows = 0;
  double before_mape_percent = 0, after_mape_percent = 0;  // after: in cross-validation
  std::string difference;                                  // "" where it holds for the engine asked about, else why not
};
// "to my_chip as measured in 30 rows: MAPE 12.3 % before, 3.1 % after" or "no: …".
std::string to_text(const AdaptationNote& note);

}  // namespace lanewise::report
