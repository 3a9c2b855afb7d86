// SPDX-License-Identifier: Apache-2.0
// A regressor for few rows: a Gaussian process over logarithms of sizes and over shares of the analytical latency (see
// Rasmussen and Williams, Gaussian Processes for Machine Learning, MIT Press 2006). Trees need thousands of rows before
// they say more than the analytical model; where a row costs minutes, 100 must do. Private to this module.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lanewise::estimator {

// Rows that a Gaussian process is trained on at most: its cost grows with their cube, and trees catch up.
inline constexpr std::size_t kMostSmoothRows = 1000;

class SmoothModel {
 public:
  // `features` is row-major with labels.size() rows of feature_names().size() values. Rows beyond kMostSmoothRows are
  // an InternalError. Depends on the order of the rows in the last bits only.
  static SmoothModel train(const std::vector<float>& features, const std::vector<float>& labels);
  // Whether the bytes are of such a model, damaged or not.
  static bool is_one(const std::string& bytes);
  // Throws Error when the bytes are damaged.
  static SmoothModel from_bytes(const std::string& bytes);
  std::string to_bytes() const;

  // One value per row.
  std::vector<float> predict(const float* features, std::size_t rows, std::size_t columns) const;

  // The `count` of `candidates` (row-major) after whose measurement the predictions of all of them would be the surest:
  // one after the other, each the one that lowers their summed variance most, given those before (Cohn, Neural Networks
  // 1996).
  std::vector<std::size_t> most_telling(const std::vector<float>& candidates, std::size_t rows,
                                        std::size_t count) const;
  // The same before anything is measured: by usual hyperparameters, which spread the choice over all candidates.
  static std::vector<std::size_t> most_spread(const std::vector<float>& candidates, std::size_t rows,
                                              std::size_t count);

 private:
  struct Kernel;
  void scale_by(const std::vector<float>& features, std::size_t rows);
  std::size_t rows_ = 0, columns_ = 0;
  std::vector<double> centre_, spread_;  // of each column of inputs
  std::vector<double> inputs_;           // of the rows trained on, scaled; row-major
  std::vector<double> weights_;          // of each row in a prediction
  std::vector<double> logs_;             // hyperparameters: amplitude, linear amplitude, noise, a length per column
  double mean_ = 0;
};

}  // namespace lanewise::estimator
