// SPDX-License-Identifier: Apache-2.0
#include "estimator/booster.hpp"

#include "estimator/saved_forest.hpp"

namespace lanewise::estimator {

Booster Booster::train(const std::vector<float>& features, const std::vector<float>& labels,
                       const BoosterOptions& options) {
  return from_bytes(XgboostModel::train(features, labels, options).to_bytes());
}

Booster Booster::train_smooth(const std::vector<float>& features, const std::vector<float>& labels) {
  return from_bytes(SmoothModel::train(features, labels).to_bytes());
}

Booster Booster::from_bytes(const std::string& bytes) {
  Booster booster;
  if (SmoothModel::is_one(bytes)) {
    booster.smooth_ = std::make_shared<const SmoothModel>(SmoothModel::from_bytes(bytes));
  } else {
    booster.forest_ = read_forest(bytes);
  }
  booster.bytes_ = bytes;
  return booster;
}

std::vector<float> Booster::predict(const std::vector<float>& features, std::size_t rows) const {
  if (rows == 0) return {};
  return predict(features.data(), rows, features.size() / rows);
}

std::vector<float> Booster::predict(const float* features, std::size_t rows, std::size_t columns) const {
  return smooth_ ? smooth_->predict(features, rows, columns) : forest_.predict(features, rows, columns);
}

}  // namespace lanewise::estimator
