// SPDX-License-Identifier: Apache-2.0
// train --until: measuring goes on until the estimator is as accurate as asked for.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/campaign_arguments.hpp"
#include "report/active_learning.hpp"
#include "study/training/active_learning.hpp"

namespace lanewise::cli {

class TrainUntil {
 public:
  void add(CLI::App& verb);
  // Whether --until was given; then something to measure must be. Throws CLI's errors where the one is without the
  // other; `adapting`: --hw and --set are for that instead.
  bool require(bool adapting) const;
  // What --hw and --set say.
  const EngineOptions& engine() const { return campaign_.engine; }
  // Writes the model, trained with `training`.
  study::LearningReport run(const std::string& store, const std::string& model,
                            const estimator::TrainOptions& training) const;

 private:
  const CLI::App* verb_ = nullptr;
  CampaignArguments campaign_;
  study::LearningSettings settings_;
  std::string target_;
  std::string split_ = estimator::to_string(estimator::Split::kUnseenShape);
  std::string strategy_ = study::to_string(study::LearningStrategy::kActive);
  int jobs_ = 0;
};

}  // namespace lanewise::cli
