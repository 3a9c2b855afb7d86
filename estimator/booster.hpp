// SPDX-License-Identifier: Apache-2.0
// One trained regressor: XGBoost trains it, and a Forest evaluates it. Private to this module.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "estimator/forest.hpp"
#include "estimator/xgboost_model.hpp"

namespace lanewise::estimator {

class Booster {
 public:
  // Same contract as XgboostModel::train.
  static Booster train(const std::vector<float>& features, const std::vector<float>& labels,
                       const BoosterOptions& options);
  // Throws Error when the bytes are not a model, or a model that a Forest cannot represent.
  static Booster from_bytes(const std::string& bytes);
  const std::string& to_bytes() const { return bytes_; }
  const Forest& forest() const { return forest_; }
  // `features` is row-major. Returns one value per row, bit-identical to XgboostModel::predict.
  std::vector<float> predict(const std::vector<float>& features, std::size_t rows) const;

 private:
  std::string bytes_;
  Forest forest_;
};

}  // namespace lanewise::estimator
