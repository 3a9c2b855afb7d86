// SPDX-License-Identifier: Apache-2.0
// Weights that share few values: a palette, and which of its entries each weight takes.
#pragma once

#include <cstdint>
#include <vector>

namespace lanewise::accuracy {

// Values up to which the clusters are the best there are; more are first joined to so many neighbours of equal count.
inline constexpr std::int64_t kExactClusterValues = 65536;

struct Clusters {
  std::vector<double> centres;         // ascending, at most as many as were asked for
  std::vector<std::int64_t> assigned;  // of each value, its centre
  double squared_error = 0;            // sum over all values
};

// k-means in one dimension, solved exactly: clusters of sorted values are runs of neighbours, so that dynamic
// programming over where they end finds the least squared error there is (Wang and Song, 2011), each layer by divide
// and conquer, as the best ends ascend. Where there are no more different values than clusters, each is its own. At
// least one value; 1 <= count.
Clusters cluster_values(const std::vector<float>& values, std::int64_t count);

}  // namespace lanewise::accuracy
