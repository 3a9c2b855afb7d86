// SPDX-License-Identifier: Apache-2.0
#include "estimator/booster.hpp"

#include "estimator/saved_forest.hpp"

namespace lanewise::estimator {

Booster Booster::train(const std::vector<float>& features, const std::vector<float>& labels,
                       const BoosterOptions& options) {
  return from_bytes(XgboostModel::train(features, labels, options).to_bytes());
}

Booster Booster::from_bytes(const std::string& bytes) {
  Booster booster;
  booster.forest_ = read_forest(bytes);
  booster.bytes_ = bytes;
  return booster;
}

std::vector<float> Booster::predict(const std::vector<float>& features, std::size_t rows) const {
  if (rows == 0) return {};
  return forest_.predict(features.data(), rows, features.size() / rows);
}

}  // namespace lanewise::estimator
