// SPDX-License-Identifier: Apache-2.0
// Predictions of networks as lanewise-fit predict prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nas/predictor/accuracy_predictor.hpp"

namespace lanewise::fit {

// How well predictors of these networks predict those that they did not learn from, and what that is to be held
// against.
struct PredictionQuality {
  std::size_t folds = 0;
  double spearman = 0, q = 0, inside = 0, mean_error = 0;  // inside: share of measurements within their intervals
  double macs = 0, size = 0;  // Spearman of MACs, and of ln MACs + ln activated outputs, with the same measurements
  // What a perfect predictor would reach: the root of the share of the variance that is not noise, as correlations with
  // measurements are diminished by their noise (Spearman, The proof and measurement of association, 1904).
  double ceiling = 0;
};
// By cross-validation. nullopt where there are too few networks.
std::optional<PredictionQuality> prediction_quality(const nas::AccuracyPredictor& predictor, std::size_t folds,
                                                    std::uint64_t seed);

struct PredictedNetwork {
  std::string encoding;
  nas::Prediction prediction;
  std::optional<double> measured;  // its mean
  std::int64_t measurements = 0;
  std::optional<double> gain;  // what was expected of it, of those to be measured next
  // "measured", "known", "unknown": never two of them.
  const char* status() const { return measured ? "measured" : prediction.known ? "known" : "unknown"; }
};

struct PredictionReport {
  const nas::AccuracyPredictor* predictor = nullptr;
  std::string source;                 // of what was measured: a table or a model file
  std::vector<std::string> left_out;  // rows of it that do not count, with reasons
  std::optional<PredictionQuality> quality;
  std::vector<PredictedNetwork> networks;
  bool asks_next = false;
  std::string goal;
  std::vector<PredictedNetwork> next;  // in the order in which to measure them
};

std::string as_text(const PredictionReport& report);
std::string as_csv(const PredictionReport& report);  // of the networks to be measured next where these are asked for
std::string as_json(const PredictionReport& report);

}  // namespace lanewise::fit
