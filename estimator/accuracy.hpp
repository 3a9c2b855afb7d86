// SPDX-License-Identifier: Apache-2.0
// How far an estimator can be trusted, hold-out by hold-out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lanewise::estimator {

struct Accuracy {
  std::int64_t rows = 0;
  double mape_percent = 0, rmspe_percent = 0, within_5_percent = 0, within_10_percent = 0, spearman = 0;
};
// predicted and measured > 0, of one length; weights empty (all 1) or of that length.
Accuracy accuracy(const std::vector<double>& predicted, const std::vector<double>& measured,
                  const std::vector<double>& weights = {});
// Rank correlation with ties averaged; 0 when one side is constant.
double spearman(const std::vector<double>& a, const std::vector<double>& b);

// How often intervals of one level held what was measured.
struct Coverage {
  double level = 0;        // in (0, 1)
  std::int64_t count = 0;  // of subgraphs or networks
  double covered_percent = 0;
  double median_width_percent = 0;  // high less low, of the prediction
};
// One a level of kReportedLevels; empty where there are no intervals or nothing to hold them against.
struct IntervalReport {
  std::vector<Coverage> subgraphs, subgraphs_outside;  // outside: on engines beyond the family's ranges
  std::vector<Coverage> networks, networks_outside;    // of kUnseenEngine alone: other splits hold no whole networks
  std::int64_t complete_networks = 0;  // of `networks` and `networks_outside`; the others are drawn subgraphs
};
inline constexpr double kReportedLevels[] = {0.8, 0.9, 0.95};

struct SplitReport {
  Accuracy latency;                           // of the regressor
  Accuracy bound;                             // of the roofline alone, on the same rows
  Accuracy reference;                         // of the closed form that the regressor corrects, on the same rows
  Accuracy without_bound;                     // of the same regressor told of no closed form, learning log(cycles)
  Accuracy outside_ranges;                    // latency, only the rows outside the family's ranges
  Accuracy weighted;                          // each row counted as often as it occurs in the shipped networks
  Accuracy energy, dram_bytes, peak_sram;     // of the regressor's other targets
  std::map<std::string, Accuracy> by_family;  // latency, a mapping::SubgraphFamily's name each
  std::int64_t training_rows = 0, training_engines = 0, engines = 0;  // engines: held out
  IntervalReport intervals;                                           // of latency
};

// What a model file, or a store that a model was trained on anew, says of its accuracy.
struct AccuracyReport {
  std::int64_t rows = 0, engines = 0;         // that the estimator was trained on
  std::string family;                         // of engines
  std::map<std::string, SplitReport> splits;  // by to_string(Split), which lists the easiest question first
};

}  // namespace lanewise::estimator
