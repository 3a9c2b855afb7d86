// SPDX-License-Identifier: Apache-2.0
// What a codesign found: the baseline, the finalists, and how far the estimator that chose them can be trusted.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "report/accuracy.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::report {

struct Design {
  std::vector<std::pair<std::string, std::string>> genes;  // those that differ from the baseline
  std::vector<std::string> fused_blocks;                   // IBNs that became fused IBNs
  Totals predicted, simulated;
  // Of the simulated latency, the share of passes that the estimator was trained on, on this very engine. The rest of
  // the prediction is of passes that it never saw.
  double trained_on_percent = 0;
  // Of latency and energy: predicted less simulated, over simulated.
  double error_percent() const;
  double energy_error_percent() const;
};

// The best latency that some of the genes reach by themselves.
struct AblationRow {
  std::string name;  // "depth_multiplier", "fusion", "depth_multiplier_and_fusion", "engine", "network_and_engine"
  Design design;
};

struct CodesignResult {
  std::string network, engine, tool_version;
  std::uint64_t seed = 0;
  std::vector<std::string> objectives;
  std::string constraint;        // AccuracyOracle::name(): what stands for quality, and that it is not accuracy
  double area_budget_mm2 = 0;    // 0: none
  std::int64_t evaluations = 0;  // distinct designs that the search priced
  Design baseline;
  std::vector<Design> finalists;
  std::vector<AblationRow> ablation;
  AccuracyReport estimator;
};

// {"network", "engine", …, "baseline", "finalists": [{"genes", "predicted", "simulated", "error_percent", …}],
// "estimator": {"rows", "engines", "random", "unseen_engine", "unseen_shape"}}
std::string to_json(const CodesignResult& result);
std::string to_text(const CodesignResult& result);
// A row a design.
std::string to_csv(const CodesignResult& result);

}  // namespace lanewise::report
