// SPDX-License-Identifier: Apache-2.0
// XGBoost behind its C API: trains models, explains predictions, and is the oracle for Forest in tests. Every failure
// of the library becomes an Error, and the library prints nothing. Private to this module.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::estimator {

struct BoosterOptions {
  std::uint64_t seed = 1;
  int trees = 0;
  int depth = 0;
  double learning_rate = 0;
  // 0: squared error. Otherwise the pseudo-Huber loss, which becomes linear for errors beyond this size.
  double huber_slope = 0;
};

class XgboostModel {
 public:
  XgboostModel() = default;
  XgboostModel(XgboostModel&& other) noexcept;
  XgboostModel& operator=(XgboostModel&& other) noexcept;
  ~XgboostModel();

  // `features` is row-major with labels.size() rows. Trains in one thread, so that sums have a fixed order: the result
  // depends on the arguments alone, not on what this process trained before.
  static XgboostModel train(const std::vector<float>& features, const std::vector<float>& labels,
                            const BoosterOptions& options);
  static XgboostModel from_bytes(const std::string& bytes);
  // In UBJSON, as XGBoost saves it.
  std::string to_bytes() const;
  // For one row: the contribution of each feature to the prediction (TreeSHAP), followed by the expected value that the
  // contributions add to.
  std::vector<float> contributions(const std::vector<float>& features) const;
  // One value per row.
  std::vector<float> predict(const std::vector<float>& features, std::size_t rows) const;

 private:
  void* handle_ = nullptr;
};

}  // namespace lanewise::estimator
