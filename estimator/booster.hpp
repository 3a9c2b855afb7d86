// SPDX-License-Identifier: Apache-2.0
// One trained model: XGBoost trains it, a Forest answers. Private to this room.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "estimator/forest.hpp"
#include "estimator/xgboost_model.hpp"

namespace lanewise::estimator {

class Booster {
 public:
  // As XgboostModel's.
  static Booster train(const std::vector<float>& features, const std::vector<float>& labels,
                       const BoosterOptions& options);
  // Throws Error when they are no model, or one that no Forest can hold.
  static Booster from_bytes(const std::string& bytes);
  const std::string& to_bytes() const { return bytes_; }
  const Forest& forest() const { return forest_; }
  // `features`: row-major. One value a row, bit by bit the one that XgboostModel gives.
  std::vector<float> predict(const std::vector<float>& features, std::size_t rows) const;

 private:
  std::string bytes_;
  Forest forest_;
};

}  // namespace lanewise::estimator
