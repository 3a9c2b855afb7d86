// SPDX-License-Identifier: Apache-2.0
// One trained regressor: trees, which XGBoost trains and a Forest evaluates, or where rows are few a SmoothModel.
// Private to this module.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "estimator/forest.hpp"
#include "estimator/smooth.hpp"
#include "estimator/xgboost_model.hpp"

namespace lanewise::estimator {

class Booster {
 public:
  // Same contract as XgboostModel::train.
  static Booster train(const std::vector<float>& features, const std::vector<float>& labels,
                       const BoosterOptions& options);
  // A SmoothModel of all feature columns.
  static Booster train_smooth(const std::vector<float>& features, const std::vector<float>& labels);
  // Throws Error when the bytes are not a model, or a model that a Forest cannot represent.
  static Booster from_bytes(const std::string& bytes);
  const std::string& to_bytes() const { return bytes_; }
  // Its trees; none where it is smooth.
  const Forest& forest() const { return forest_; }
  // nullptr where it is made of trees.
  const SmoothModel* smooth() const { return smooth_.get(); }
  // `features` is row-major. Returns one value per row; of trees bit-identical to XgboostModel::predict.
  std::vector<float> predict(const std::vector<float>& features, std::size_t rows) const;
  std::vector<float> predict(const float* features, std::size_t rows, std::size_t columns) const;

 private:
  std::string bytes_;
  Forest forest_;
  std::shared_ptr<const SmoothModel> smooth_;
};

}  // namespace lanewise::estimator
