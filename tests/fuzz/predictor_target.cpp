// SPDX-License-Identifier: Apache-2.0
// What `lanewise-fit predict --save` writes, as the key accuracy.predictor of a space names it.
#include <cmath>

#include "core/base/error.hpp"
#include "nas/predictor/accuracy_predictor.hpp"
#include "nas/predictor/next_networks.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_predictor(const std::string& path, const std::string&) {
  const nas::AccuracyPredictor predictor = nas::AccuracyPredictor::load(path);
  if (predictor.text() != nas::AccuracyPredictor::parse(path, predictor.text()).text()) {
    throw Nonsense("a predictor reads back as another one");
  }
  std::vector<nas::NextCandidate> candidates;
  for (const nas::MeasuredNetwork& network : predictor.networks()) {
    if (candidates.size() >= 20) break;
    candidates.push_back({network.encoding, network.features, network.scores});
    const nas::Prediction prediction = predictor.predict(network.features, network.scores);
    require_sane("the size of a prediction", std::abs(prediction.value), 1e25);
    require_sane("the deviation of a prediction", prediction.deviation, 1e25);
    require_sane("the interval of a prediction", prediction.high - prediction.low, 1e26);
    require_sane("the distance of a measured network", prediction.distance);
    if (prediction.reason.find('\n') != std::string::npos) throw Nonsense("a reason of two lines");
  }
  for (const nas::NextCandidate& one : candidates) {
    if (predictor.measured(one.encoding) == nullptr) throw Nonsense("a measured network is not found again");
  }
  nas::next_networks(predictor, candidates, nas::NextGoal::kFront, 2);
}

}  // namespace lanewise::fuzz
