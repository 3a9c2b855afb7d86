// SPDX-License-Identifier: Apache-2.0
// A sample of the training data that is kept in the model file, with a search for the rows nearest to a query. Private
// to this module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "estimator/estimator.hpp"
#include "estimator/intervals.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {

class NeighbourIndex {
 public:
  // Keeps at most kMost of the samples that `use` marks, chosen by a hash of their identity.
  static NeighbourIndex sample(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& out_of_fold);
  // Throws Error when the bytes are not those of an index.
  static NeighbourIndex from_bytes(const std::string& bytes);
  std::string to_bytes() const;

  // The `count` rows nearest to one row of features, nearest first. The distance is the root mean square, over all
  // features, of the difference of sign(x) log(1 + |x|) in standard deviations of the rows kept; every feature is
  // clamped to 4 standard deviations from the mean.
  std::vector<Neighbour> nearest(const std::vector<float>& features, std::size_t count) const;

  static constexpr std::size_t kMost = 2000;

 private:
  std::int8_t code(std::size_t column, float value) const;

  std::vector<float> mean_, deviation_;  // of each feature
  std::vector<std::int8_t> codes_;       // row-major; distance from the mean in 1/32 standard deviations
  std::vector<Neighbour> rows_;          // their distance is not set
};

}  // namespace lanewise::estimator
