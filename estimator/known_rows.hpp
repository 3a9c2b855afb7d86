// SPDX-License-Identifier: Apache-2.0
// Some of the rows that a model was trained on, kept with it so that it can say which are like a subgraph that is asked
// about. Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "estimator/estimator.hpp"
#include "estimator/intervals.hpp"
#include "estimator/training_set.hpp"

namespace lanewise::estimator {

class KnownRows {
 public:
  // At most kMost of the samples that `use` marks, by hash of what they are.
  static KnownRows sample(const TrainingSet& set, const std::vector<bool>& use, const OutOfFold& out_of_fold);
  // Throws Error when the bytes are no rows.
  static KnownRows from_bytes(const std::string& bytes);
  std::string to_bytes() const;

  // The `count` nearest rows of one row of features, nearest first. Distance: root mean square over all features of
  // sign(x) log(1 + |x|), in standard deviations of the rows kept; cut off at 4 of them.
  std::vector<Neighbour> nearest(const std::vector<float>& features, std::size_t count) const;

  static constexpr std::size_t kMost = 2000;

 private:
  std::int8_t code(std::size_t column, float value) const;

  std::vector<float> mean_, deviation_;  // of each feature
  std::vector<std::int8_t> codes_;       // row-major: standard deviations from the mean, in 1/32
  std::vector<Neighbour> rows_;          // without their distance
};

}  // namespace lanewise::estimator
