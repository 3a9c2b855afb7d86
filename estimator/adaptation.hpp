// SPDX-License-Identifier: Apache-2.0
// What makes an estimator answer for one engine as it was measured, not as it was described: part of the model file.
// docs/estimator.md tells how the numbers are found.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::estimator {

// A term of what is left to correct: coefficient x (clamp(feature, low, high) - centre) / spread.
struct CorrectionTerm {
  std::string feature;  // one of correction_features()
  double coefficient = 0, centre = 0, spread = 1;
  double low = 0, high = 0;  // what the measured rows have: beyond, the term stays as it is there
};

struct Adaptation {
  std::string engine;  // name of the description
  // Every value of the description that can change a measured cycle, but those of `row_keys`, as --set takes it.
  std::map<std::string, std::string> described;
  std::vector<std::string> row_keys;  // that the rows' own columns set: an engine may have any value there
  // With these values in place of the description's the estimator's answers come nearest to the rows.
  std::vector<std::pair<std::string, std::string>> effective;
  std::vector<CorrectionTerm> correction;  // of log latency beyond command.cycles_per_pass; empty: none

  std::string rows_file, rows_hash;
  std::int64_t rows = 0;
  // Of single subgraphs, in percent of what was measured; after: in cross-validation, each row judged without its
  // shape.
  double before_mape_percent = 0, after_mape_percent = 0;
  double before_worst_percent = 0, after_worst_percent = 0;
};

// What an estimate says of the adaptation of its estimator.
struct AdaptationNote {
  std::string engine;  // adapted to
  std::int64_t rows = 0;
  double before_mape_percent = 0, after_mape_percent = 0;  // after: in cross-validation
  std::string difference;                                  // "" where it holds for the engine asked about, else why not
};

// "" where the adaptation holds for the engine, else the first key in which it differs from the description that was
// adapted: "dram.bandwidth is 4 GB/s, not 8 GB/s".
std::string adaptation_difference(const Adaptation& adaptation, const engine::EngineConfig& engine);
// The values of `description` that adaptation_difference compares: all but names, energy, area and `row_keys`.
std::map<std::string, std::string> identity_values(const engine::EngineConfig& description,
                                                   const std::vector<std::string>& row_keys);

// The engine with the effective values. It must be one that the adaptation holds for. Throws Error where its values of
// `row_keys` and the effective ones together are no engine.
engine::EngineConfig effective_engine(const Adaptation& adaptation, const engine::EngineConfig& engine);

// What corrections go by, in the order of correction_features(): from closed forms alone.
const std::vector<std::string>& correction_features();
std::vector<double> correction_values(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine);
// The factor on the latency beyond command.cycles_per_pass. `engine`: with the effective values.
double correction_factor(const std::vector<CorrectionTerm>& correction, const mapping::Subgraph& subgraph,
                         const engine::EngineConfig& engine);
// `latency` with that factor, at least one cycle.
Cycles corrected_latency(Cycles latency, Cycles programming, double factor);

}  // namespace lanewise::estimator
