// SPDX-License-Identifier: Apache-2.0
// How far an estimator can be trusted, split by split.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lanewise::report {

struct AccuracyRow {
  std::int64_t rows = 0;
  double mape_percent = 0, rmspe_percent = 0, within_5_percent = 0, within_10_percent = 0, spearman = 0;
};

// How often intervals of one level held what was measured.
struct CoverageRow {
  std::string what;             // "passes", "networks"
  bool outside_ranges = false;  // on engines beyond the family's ranges
  double level = 0;
  std::int64_t count = 0;
  double covered_percent = 0, median_width_percent = 0;  // width: high less low, of the prediction
};

struct SplitAccuracy {
  std::string name;                                 // "random", "unseen_engine", "unseen_shape"
  AccuracyRow latency;                              // of the estimator
  AccuracyRow bound;                                // of the closed-form bound alone, on the same rows
  AccuracyRow reference;                            // of the closed form that the estimator corrects, on the same rows
  AccuracyRow without_bound;                        // of the same regressor told of no closed form
  AccuracyRow outside_ranges;                       // latency, only engines beyond the family's ranges
  AccuracyRow weighted;                             // rows counted as often as they occur in the networks measured
  AccuracyRow energy, dram_bytes, peak_sram_bytes;  // the other targets
  std::vector<std::pair<std::string, AccuracyRow>> by_family;  // latency
  std::vector<CoverageRow> coverage;                           // of latency intervals; empty where there are none
  std::int64_t complete_networks = 0;                          // among those of `coverage`; the others are drawn passes
  std::int64_t training_rows = 0, training_engines = 0;
  std::int64_t engines = 0;  // held out
};

struct AccuracyReport {
  std::int64_t rows = 0, engines = 0;  // that the estimator was trained on
  std::string family;                  // of engines
  std::vector<SplitAccuracy> splits;
};

// {"rows", "engines", "family", "splits": {NAME: {"rows", "mape_percent", …, "bound": {…}, "weighted": {…}, …,
// "intervals": [{"of", "level", "covered_percent", …}]}}}
std::string to_json(const AccuracyReport& report);
std::string to_text(const AccuracyReport& report);
// A row a split and what was predicted.
std::string to_csv(const AccuracyReport& report);

}  // namespace lanewise::report
