// SPDX-License-Identifier: Apache-2.0
// The pool of active learning: candidate measurements, a few of which have been made. Predicts the others from those,
// and estimates how wrong these predictions are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "estimator/estimator.hpp"

namespace lanewise::estimator {

// A measured point of the pool.
struct KnownPoint {
  std::size_t point = 0;  // its index
  Cycles latency{0};      // above 0
};

class SubgraphPool {
 public:
  // Computes features and the analytical model of every point once. Only the engine and subgraph of a point are used,
  // and both must outlive the pool. Points that `split` would hold out together form one group.
  SubgraphPool(const std::vector<Sample>& points, Split split, int threads);
  ~SubgraphPool();
  SubgraphPool(SubgraphPool&&) noexcept;
  SubgraphPool& operator=(SubgraphPool&&) noexcept;

  // Trains on `known` and predicts the latency of each of `asked`, in cycles; equal to the prediction of an Estimator
  // trained on the same rows. Depends neither on the order of `known` nor on options.threads. Throws Error when `known`
  // is empty.
  std::vector<double> predict(const std::vector<KnownPoint>& known, const std::vector<std::size_t>& asked,
                              const TrainOptions& options) const;

  // The expected |log(measured / predicted)| of each of `asked`, positive. Combines two estimates as if independent: a
  // regression on the errors that models made on groups of `known` held out from them, and the disagreement between
  // these models (query by committee: Seung, Opper and Sompolinsky, COLT 1992). Throws Error when `known` is empty.
  std::vector<double> expected_errors(const std::vector<KnownPoint>& known, const std::vector<std::size_t>& asked,
                                      const TrainOptions& options) const;

  // Where latency is taught by a SmoothModel (TrainOptions::measured_by): the `count` of `asked` whose measurements
  // would make the predictions of all of `asked` the surest, one after the other. With fewer than two
  // of `known` they are spread over all of `asked`.
  std::vector<std::size_t> most_telling(const std::vector<KnownPoint>& known, const std::vector<std::size_t>& asked,
                                        std::size_t count) const;

 private:
  struct Points;
  std::unique_ptr<Points> points_;
};

}  // namespace lanewise::estimator
