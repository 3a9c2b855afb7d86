// SPDX-License-Identifier: Apache-2.0
// Several objectives as one number, for algorithms that climb along one.
//
// Source: Knowles, ParEGO: a hybrid algorithm with on-line landscape approximation for expensive multiobjective
// optimization problems, IEEE Transactions on Evolutionary Computation 10(1), 2006.
#pragma once

#include <vector>

#include "core/base/random.hpp"
#include "nas/problem.hpp"

namespace lanewise::nas {

// The least and the worst value of each objective among designs that can be.
class Extent {
 public:
  void take(const Evaluation& evaluation);
  bool empty() const { return least_.empty(); }
  // 0 for the least value of an objective, 1 for the worst; 1 for designs that cannot be.
  double share(const Evaluation& evaluation, std::size_t objective) const;

 private:
  std::vector<double> least_, worst_;
};

// Weights that add up to one, uniform on the simplex.
std::vector<double> draw_weights(std::size_t objectives, Random& random);

// The augmented Chebyshev value of the shares, plus one and the violation where a limit is missed: lower is better.
double scalarised(const Evaluation& evaluation, const Extent& extent, const std::vector<double>& weights);

}  // namespace lanewise::nas
