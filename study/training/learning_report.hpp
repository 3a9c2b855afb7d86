// SPDX-License-Identifier: Apache-2.0
// How an estimator became accurate, round by round, as plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "estimator/accuracy_report.hpp"
#include "study/campaign/campaign_report.hpp"

namespace lanewise::study {

struct LearningReport {
  struct Round {
    std::int64_t rows = 0;         // trained on
    estimator::Accuracy accuracy;  // of latency, on the hold-out
  };
  std::string target;              // "within10>=0.98"
  std::string split;               // "unseen_shape"
  std::string strategy;            // "active", "random"
  std::string outcome;             // "reached", "pool_exhausted", "most_rows"
  std::int64_t pool_rows = 0;      // of the campaign
  std::int64_t hold_out_rows = 0;  // frozen, failed ones included
  std::int64_t refused_rows = 0;   // on the hold-out's side but not in it, or beyond the ranges: never measured
  std::int64_t chosen_rows = 0;    // measured for training, failed ones included
  std::int64_t failed_rows = 0;    // of those
  std::vector<Round> rounds;
  estimator::Accuracy final_accuracy;  // of the model that was written, on the same hold-out
  bool final_meets_target = false;
  std::optional<ExternalReport> external;  // unset: the simulator measured
  estimator::AccuracyReport estimator;     // the model that was written, as `evaluate` shows it
};

}  // namespace lanewise::study
