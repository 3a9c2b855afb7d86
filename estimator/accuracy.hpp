// SPDX-License-Identifier: Apache-2.0
// Accuracy metrics of an estimator on held-out data.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lanewise::estimator {

// Relative errors in percent of the measured value; spearman in [-1, 1].
struct Accuracy {
  std::int64_t rows = 0;
  double mape_percent = 0, rmspe_percent = 0, within_5_percent = 0, within_10_percent = 0, spearman = 0;
};
// `predicted` and `measured` must be positive and of equal length; `weights` is empty (all 1) or of that length.
// InternalError otherwise.
Accuracy accuracy(const std::vector<double>& predicted, const std::vector<double>& measured,
                  const std::vector<double>& weights = {});

// How often the prediction intervals of one level contained the measured value.
struct Coverage {
  double level = 0;        // in (0, 1)
  std::int64_t count = 0;  // subgraphs or networks that were compared
  double covered_percent = 0;
  double median_width_percent = 0;  // (high - low) / prediction
};
// Each list has one entry per level of kReportedLevels, or none where there are no intervals or nothing to compare.
struct IntervalReport {
  std::vector<Coverage> subgraphs, subgraphs_outside;  // _outside: on engines beyond the family's ranges
  std::vector<Coverage> networks, networks_outside;    // of kUnseenEngine only: no other split holds out whole networks
  std::int64_t complete_networks = 0;  // among both lists of networks; the others are drawn from single subgraphs
};
inline constexpr double kReportedLevels[] = {0.8, 0.9, 0.95};

struct SplitReport {
  Accuracy latency;           // of the regressor
  Accuracy bound;             // of the roofline alone, on the same rows
  Accuracy analytical_model;  // of the analytical model that the regressor corrects, on the same rows
  Accuracy without_bound;     // ablation: the same regressor without any analytical feature, learning log(cycles)
  Accuracy outside_ranges;    // latency, on the rows outside the family's ranges only
  Accuracy weighted;          // latency, each row weighted by its occurrences in the shipped networks
  Accuracy energy, dram_bytes, peak_sram;                             // of the regressor's other targets
  std::map<std::string, Accuracy> by_family;                          // latency, by name of the mapping::SubgraphFamily
  std::int64_t training_rows = 0, training_engines = 0, engines = 0;  // engines: held out
  IntervalReport intervals;                                           // of latency
};

}  // namespace lanewise::estimator
