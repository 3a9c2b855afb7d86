// SPDX-License-Identifier: Apache-2.0
// The adaptation of an estimator to one measured engine: effective parameter values and a linear correction, kept in
// the model file. docs/estimator.md explains how they are found.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// One term of the correction: coefficient x (clamp(feature, low, high) - centre) / spread.
struct CorrectionTerm {
  std::string feature;  // one of correction_features()
  double coefficient = 0, centre = 0, spread = 1;
  double low = 0, high = 0;  // the range of the measured rows; the feature is clamped to it
};

struct Adaptation {
  std::string engine;  // name of the description
  // Every value of the description that can change a measured cycle, except those of `row_keys`, as --set takes it.
  std::map<std::string, std::string> described;
  std::vector<std::string> row_keys;  // keys that the rows' own columns set: the adaptation holds for any value of them
  // The parameter values, in place of the description's, with which the estimator fits the measured rows best.
  std::vector<std::pair<std::string, std::string>> effective;
  std::vector<CorrectionTerm> correction;  // of log(latency - command.cycles_per_pass); empty: no correction

  std::string rows_file, rows_hash;
  std::int64_t rows = 0;
  // Errors on single subgraphs, in percent of the measured cycles. `after` comes from cross-validation, where each row
  // is judged without the rows of its shape.
  double before_mape_percent = 0, after_mape_percent = 0;
  double before_worst_percent = 0, after_worst_percent = 0;
};

// What an estimate reports about the adaptation of its estimator.
struct AdaptationNote {
  std::string engine;  // that the estimator is adapted to
  std::int64_t rows = 0;
  double before_mape_percent = 0, after_mape_percent = 0;  // after: in cross-validation
  std::string difference;                                  // "", or why the adaptation does not hold for this engine
};

// "" when the adaptation holds for `engine`; otherwise the first key in which the engine differs from the adapted
// description: "dram.bandwidth is 4 GB/s, not 8 GB/s".
std::string adaptation_difference(const Adaptation& adaptation, const engine::EngineConfig& engine);
// The values of `description` that adaptation_difference compares: all except names, energy, area and `row_keys`.
std::map<std::string, std::string> identity_values(const engine::EngineConfig& description,
                                                   const std::vector<std::string>& row_keys);

// `engine` with the effective values. The adaptation must hold for it. Throws Error when its values of `row_keys` and
// the effective values do not form a valid engine.
engine::EngineConfig effective_engine(const Adaptation& adaptation, const engine::EngineConfig& engine);

// Names and values of the features of the correction, in one order. They come from the analytical model alone.
const std::vector<std::string>& correction_features();
std::vector<double> correction_values(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);
// The factor on latency - command.cycles_per_pass. `engine` must have the effective values.
double correction_factor(const std::vector<CorrectionTerm>& correction, const mapping::Subgraph& subgraph,
                         const engine::EngineConfig& engine);
// `latency` with `factor` applied to all but its `programming` cycles; at least one cycle.
Cycles corrected_latency(Cycles latency, Cycles programming, double factor);

}  // namespace lanewise::estimator
