// SPDX-License-Identifier: Apache-2.0
// A trained estimator and its file. Private to this room.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/version.hpp"
#include "estimator/booster.hpp"
#include "estimator/estimator.hpp"
#include "estimator/intervals.hpp"
#include "estimator/ranges.hpp"
#include "estimator/targets.hpp"

namespace lanewise::estimator {

struct Estimator::Model {
  std::string tool_version = version();  // that trained it
  std::string family;
  std::int64_t rows = 0, engines = 0;
  std::vector<std::string> networks;  // that the rows are of, by name
  Ranges ranges;
  TrainOptions options;
  std::map<std::string, SplitReport> reports;
  std::optional<Adaptation> adaptation;
  std::array<Booster, kTargetCount> boosters;
  Intervals intervals;
  std::string known_rows;  // KnownRows as bytes: read only where they are asked for

  // Puts what has to be trained into `jobs`; what they refer to outlives them.
  void add_training(const TrainingSet& set, const std::vector<bool>& use, std::vector<std::function<void()>>& jobs);
  // What follows once they have run.
  void finish(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& out_of_fold);

  // Some queries at once, on this thread.
  void predict(const Query* queries, std::size_t count, Prediction* predictions) const;
  std::string to_text() const;
  std::vector<std::size_t> part_bytes;  // of the file that it was read from
  // Of a header whose schema is this one's. Both throw Error, or nlohmann's exceptions, on damage.
  void read_header(const std::string& text);
  void read_parts(const std::string& payload);
  // `path` is for messages.
  static std::unique_ptr<Model> parse(const std::string& text, const std::string& path);
};

// Changes with anything that a model's answers rest on: names and order of features, targets and their units, the
// closed forms. Not with the tool's version: a model of another version that means the same answers.
std::string model_schema_hash();

}  // namespace lanewise::estimator
