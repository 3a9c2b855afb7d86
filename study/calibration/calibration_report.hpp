// SPDX-License-Identifier: Apache-2.0
// Numbers of an engine's description as measured rows would have them. docs/cli.md explains every field.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::study {

// Errors in percent of what was measured; NaN of no rows: null in JSON, "-" in tables.
struct FitError {
  std::int64_t rows = 0;
  double mape_percent = 0, median_percent = 0, worst_percent = 0;
};

struct FittedKey {
  std::string key;
  std::string described, fitted;  // as --set takes them; equal where the value stays
  // "known", "joint", "at_least", "at_most", "unknown", or "set_by_rows" where every row has a value of its own.
  std::string standing;
  std::vector<std::string> together_with;                  // joint
  double lower_rise_percent = 0, higher_rise_percent = 0;  // points of MAPE where the key alone is 10 % lower, higher
  double uncertainty_percent = 0;                          // known
};

// Before and after fitting, on rows that were used and on rows that were not.
struct FitErrors {
  FitError before, after;
};

struct Calibration {
  std::string engine;
  std::string rows_file, rows_hash;
  std::string tool_version;
  std::int64_t of_other_engines = 0;
  std::vector<std::string> ignored_columns;
  std::vector<FittedKey> keys;
  FitErrors fitted, left_out;
  // "hold_out" or "folds": how rows were left out. Of folds, every row is left out once and the values rest on all.
  std::string left_out_by;
  double hold_out_share = 0;
  std::int64_t folds = 0;
  std::int64_t evaluations = 0;  // of all rows together
  std::string out;               // file that was written; "": none
};

}  // namespace lanewise::study
