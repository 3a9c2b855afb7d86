// SPDX-License-Identifier: Apache-2.0
// A model of XGBoost behind its C API: what trains, and what forests are held against. Every failure of the library is
// an Error; the library prints nothing. Private to this room.
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
  // 0: squared error. Else pseudo-Huber loss, which is linear beyond errors of this size.
  double huber_slope = 0;
};

class XgboostModel {
 public:
  XgboostModel() = default;
  XgboostModel(XgboostModel&& other) noexcept;
  XgboostModel& operator=(XgboostModel&& other) noexcept;
  ~XgboostModel();

  // `features`: row-major, labels.size() rows. One thread, so that sums have one order; the result depends on the
  // arguments alone, whatever this process trained before.
  static XgboostModel train(const std::vector<float>& features, const std::vector<float>& labels,
                            const BoosterOptions& options);
  static XgboostModel from_bytes(const std::string& bytes);
  // UBJSON, as XGBoost saves it.
  std::string to_bytes() const;
  // Of one row: what each feature adds to its prediction (TreeSHAP), and behind them what the sums start from.
  std::vector<float> contributions(const std::vector<float>& features) const;
  // One value a row.
  std::vector<float> predict(const std::vector<float>& features, std::size_t rows) const;

 private:
  void* handle_ = nullptr;
};

}  // namespace lanewise::estimator
