// SPDX-License-Identifier: Apache-2.0
// What a codesign found, as plain data: the baseline, the finalists, and how far the estimator that chose them can be
// trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "estimator/accuracy_report.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

struct Design {
  std::vector<std::pair<std::string, std::string>> genes;  // those that differ from the baseline
  std::vector<std::string> fused_blocks;                   // IBNs that became fused IBNs
  std::string engine_hash;                                 // of the design's engine
  Totals predicted, simulated;
  std::optional<Reliability> reliability;  // of the predicted latency
  // The share of the simulated latency that lies in subgraphs that the estimator was trained on, on this very engine.
  // The rest of the prediction is about subgraphs that it never saw.
  double trained_on_percent = 0;
  // Of latency and energy: predicted less simulated, over simulated.
  double error_percent() const;
  double energy_error_percent() const;
};

// The best latency that a subset of the genes reaches by itself.
struct AblationRow {
  std::string name;  // "depth_multiplier", "fusion", "depth_multiplier_and_fusion", "engine", "network_and_engine"
  Design design;
};

struct CodesignResult {
  std::string network, engine, tool_version;
  engine::EngineIdentity identity;  // of the engine
  std::uint64_t seed = 0;
  std::vector<std::string> objectives;
  std::string constraint;              // AccuracyOracle::name(): what stands for quality, and that it is not accuracy
  double area_budget_mm2 = 0;          // 0: none
  std::vector<std::string> free_keys;  // genes of the engine that cost neither area nor energy in the model
  std::int64_t evaluations = 0;        // distinct designs that the search priced
  std::int64_t cannot_run = 0;         // of these, those whose engine cannot be or cannot run the network
  Design baseline;
  std::vector<Design> finalists;
  std::vector<AblationRow> ablation;
  estimator::AccuracyReport estimator;
};

}  // namespace lanewise::study
