// SPDX-License-Identifier: Apache-2.0
// Subgraphs on engines that could be measured, most of which are not: what a model of the measured ones says of the
// others, and how wrong it is likely to be there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "estimator/estimator.hpp"

namespace lanewise::estimator {

// A point of the pool, by its index, and the latency measured there.
struct KnownPoint {
  std::size_t point = 0;
  Cycles latency{0};  // above 0
};

class SubgraphPool {
 public:
  // Features and closed forms once. Of a point only engine and subgraph count; both must outlive the pool. `split` says
  // what models will be asked about: points that it would hold out together count as one group.
  SubgraphPool(const std::vector<Sample>& points, Split split, int threads);
  ~SubgraphPool();
  SubgraphPool(SubgraphPool&&) noexcept;
  SubgraphPool& operator=(SubgraphPool&&) noexcept;

  // Trains latency alone on `known` and predicts `asked`: cycles, one each, those of Estimator::train on the same rows.
  // The answer depends on neither the order of `known` nor on options.threads. Throws Error when `known` is empty.
  std::vector<double> predict(const std::vector<KnownPoint>& known, const std::vector<std::size_t>& asked,
                              const TrainOptions& options) const;

  // Expected size of log(measured / predicted) of each of `asked`, above 0. Two estimates, joined as independent ones
  // are: what a regressor makes of the errors that models made on groups of `known` that were kept from them, and how
  // far these models disagree (query by committee: Seung, Opper and Sompolinsky, COLT 1992). Throws Error when `known`
  // is empty.
  std::vector<double> expected_errors(const std::vector<KnownPoint>& known, const std::vector<std::size_t>& asked,
                                      const TrainOptions& options) const;

 private:
  struct Points;
  std::unique_ptr<Points> points_;
};

}  // namespace lanewise::estimator
