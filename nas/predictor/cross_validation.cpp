// SPDX-License-Identifier: Apache-2.0
#include "nas/predictor/cross_validation.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/random.hpp"

namespace lanewise::nas {

std::vector<Prediction> cross_validated(const PredictorSettings& settings, const std::vector<MeasuredNetwork>& networks,
                                        std::size_t folds, std::uint64_t seed) {
  folds = std::clamp<std::size_t>(folds, 2, std::max<std::size_t>(networks.size(), 2));
  std::vector<std::size_t> order(networks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed);
  random.shuffle(order);
  std::vector<Prediction> predictions(networks.size());
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<MeasuredNetwork> learnt;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i % folds != fold) learnt.push_back(networks[order[i]]);
    }
    const AccuracyPredictor predictor = AccuracyPredictor::fitted(settings, std::move(learnt));
    for (std::size_t i = fold; i < order.size(); i += folds) {
      const MeasuredNetwork& network = networks[order[i]];
      predictions[order[i]] = predictor.predict(network.features, network.scores);
    }
  }
  return predictions;
}

}  // namespace lanewise::nas
