// SPDX-License-Identifier: Apache-2.0
// A trained estimator and its file. Private to this room.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "estimator/booster.hpp"
#include "estimator/estimator.hpp"
#include "estimator/targets.hpp"

namespace lanewise::estimator {

struct Estimator::Model {
  std::string family;
  std::int64_t rows = 0, engines = 0;
  std::map<std::string, std::pair<double, double>> engine_ranges;
  TrainOptions options;
  std::map<std::string, SplitReport> reports;
  std::optional<Adaptation> adaptation;
  std::array<Booster, kTargetCount> boosters;

  // Some queries at once, on this thread.
  void predict(const Query* queries, std::size_t count, Prediction* predictions) const;
  std::string to_text() const;
  // `path` is for messages.
  static std::unique_ptr<Model> parse(const std::string& text, const std::string& path);
};

// Changes with anything that a model's answers rest on: names and order of features, targets and their units, the
// closed forms, the tool's version.
std::string model_schema_hash();

}  // namespace lanewise::estimator
