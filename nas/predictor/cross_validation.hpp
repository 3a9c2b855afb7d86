// SPDX-License-Identifier: Apache-2.0
// How well a predictor predicts networks that it did not learn from.
#pragma once

#include <cstdint>
#include <vector>

#include "nas/predictor/accuracy_predictor.hpp"

namespace lanewise::nas {

// A prediction for each network, in the order given, from predictors that were fitted, parameters and all, to the other
// folds alone: as many folds as asked for, at most one for each network, drawn by the seed. Throws Error where a fold
// leaves too few networks.
std::vector<Prediction> cross_validated(const PredictorSettings& settings, const std::vector<MeasuredNetwork>& networks,
                                        std::size_t folds, std::uint64_t seed);

}  // namespace lanewise::nas
