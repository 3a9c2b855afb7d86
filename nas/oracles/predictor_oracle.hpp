// SPDX-License-Identifier: Apache-2.0
// What a predictor that learnt from measured networks expects of each network.
#pragma once

#include <memory>
#include <string>

#include "nas/oracles/accuracy_oracle.hpp"
#include "nas/predictor/accuracy_predictor.hpp"

namespace lanewise::nas {

class PredictorOracle : public AccuracyOracle {
 public:
  enum class Bound { kValue, kLow, kHigh };  // the prediction, or an end of its interval
  struct Choices {
    bool take_unknown = false;  // else a network like none that was measured has no score
    Bound bound = Bound::kValue;
  };
  // Throws Error where the predictor needs scores that no graph gives.
  PredictorOracle(std::string path, AccuracyPredictor predictor, Choices choices);
  std::string name() const override;
  bool measures() const override { return true; }
  // "predicted_test_accuracy". A network that was measured has its measurement, as the predictor's mean takes it in.
  std::string score_name() const override { return "predicted_" + predictor_.settings().value; }
  bool higher_is_better() const override { return predictor_.settings().higher_is_better; }
  // Like a score's: the network must be built, and what is unknown is counted of the networks that were sampled.
  bool is_free() const override { return false; }
  std::string identity() const override;

 protected:
  std::vector<AccuracyAnswer> answer(const std::vector<AccuracyQuery>& queries) override;

 private:
  std::string path_;
  AccuracyPredictor predictor_;
  Choices choices_;
};

// Of the settings "predictor", "unknown" and "bound".
std::unique_ptr<AccuracyOracle> make_predictor_oracle(const AccuracySettings& settings, const NetworkFacts& baseline,
                                                      const AccuracyContext& context);

}  // namespace lanewise::nas
