// SPDX-License-Identifier: Apache-2.0
// train --until: measures and trains in turns until the estimator is as accurate as the user asks.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/campaign_arguments.hpp"
#include "cli/external_options.hpp"
#include "report/active_learning.hpp"
#include "study/training/active_learning.hpp"

namespace lanewise::cli {

class TrainUntil {
 public:
  void add(CLI::App& verb);
  // Whether --until was given. Throws CLI's errors where it is given without something to measure, or something to
  // measure without it. With `adapting`, --hw and --set describe the engine that is adapted to and are no such thing.
  bool require(bool adapting) const;
  // The options --hw and --set.
  const EngineOptions& engine() const { return campaign_.engine; }
  // Measures into the store at path `store`, trains with `training`, and writes the model to path `model`.
  study::LearningReport run(const std::string& store, const std::string& model,
                            const estimator::TrainOptions& training) const;

 private:
  const CLI::App* verb_ = nullptr;
  CampaignArguments campaign_;
  ExternalOptions external_;
  study::LearningSettings settings_;
  std::string target_;
  std::string split_ = estimator::to_string(estimator::Split::kUnseenShape);
  std::string strategy_ = study::to_string(study::LearningStrategy::kActive);
  int jobs_ = 0;
};

}  // namespace lanewise::cli
