// SPDX-License-Identifier: Apache-2.0
// A trained estimator and its file. Private to this module.
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
#include "estimator/network_report.hpp"
#include "estimator/ranges.hpp"
#include "estimator/targets.hpp"

namespace lanewise::estimator {

struct Estimator::Model {
  std::string tool_version = version();  // that trained it
  std::string family;
  std::int64_t rows = 0, engines = 0;
  std::vector<std::string> networks;              // in the training data, by name
  std::vector<record::CampaignRecord> campaigns;  // that measured it, by hash
  Ranges ranges;
  TrainOptions options;
  std::map<std::string, SplitReport> reports;
  NetworkReport network_report;
  std::optional<Adaptation> adaptation;
  std::array<Booster, kTargetCount> boosters;
  Intervals intervals;
  std::string neighbour_index;  // a NeighbourIndex as bytes, parsed only when it is needed

  // Appends the training jobs; their references must outlive them.
  void add_training(const TrainingSet& set, const std::vector<bool>& use, std::vector<std::function<void()>>& jobs);
  // Completes the model after the jobs have run. Returns the difficulty of each sample as calibrate() gives it.
  std::vector<double> finish(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& out_of_fold,
                             const TrainOptions& training);

  // Predicts `count` queries on this thread.
  void predict(const Query* queries, std::size_t count, const Wanted& wanted, Prediction* predictions) const;
  std::string to_text() const;
  std::vector<std::size_t> part_bytes;  // sizes of the parts in the file that it was read from
  // For a header whose schema is this version's. Both throw Error or nlohmann's exceptions for a damaged file.
  void read_header(const std::string& text);
  void read_parts(const std::string& payload);
  // `path` is used in error messages only.
  static std::unique_ptr<Model> parse(const std::string& text, const std::string& path);
};

// A hash of everything that determines what a model's answers mean: names and order of the features, targets and their
// units, and the version of the analytical model. The tool's version is not part of it: a model of another version with
// the same schema can be used.
std::string model_schema_hash();

}  // namespace lanewise::estimator
