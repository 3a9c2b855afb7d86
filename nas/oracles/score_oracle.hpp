// SPDX-License-Identifier: Apache-2.0
// A score of the untrained network in the place of its accuracy. It is none, and no report calls it one.
#pragma once

#include <memory>

#include "nas/oracles/accuracy_oracle.hpp"
#include "nas/scores/network_score.hpp"

namespace lanewise::nas {

// A score of the network's graph alone, answered on the spot.
class ScoreOracle : public AccuracyOracle {
 public:
  ScoreOracle(const NetworkScore& score, bool higher_is_better) : score_(score), higher_is_better_(higher_is_better) {}
  std::string name() const override;
  bool measures() const override { return true; }
  std::string score_name() const override { return score_.name; }
  bool higher_is_better() const override { return higher_is_better_; }
  // It costs no more than MACs, but needs the network built: free metrics are asked for of thousands of candidates that
  // a search never samples, and are priced without building them.
  bool is_free() const override { return false; }
  std::string identity() const override;

 protected:
  std::vector<AccuracyAnswer> answer(const std::vector<AccuracyQuery>& queries) override;

 private:
  const NetworkScore& score_;
  bool higher_is_better_;
};

// Of the settings "score" and "better", which is as the score says where it is not given. Scores that are none of
// network_scores() are left to `context.scorer`; without it Error names those there are.
std::unique_ptr<AccuracyOracle> make_score_oracle(const AccuracySettings& settings, const NetworkFacts& baseline,
                                                  const AccuracyContext& context);

}  // namespace lanewise::nas
