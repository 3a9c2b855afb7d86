// SPDX-License-Identifier: Apache-2.0
#include "estimator/tiling.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace lanewise::estimator {
namespace {

using mapping::FusedOperand;
using mapping::PassFamily;
using mapping::PassShape;

double number(std::int64_t value) { return static_cast<double>(value); }
double bytes_of(double elements, Precision precision) { return elements * bits(precision) / 8.0; }

// Even cuts of one axis: n, n/2, n/3, n/4, n/6, n/8 … 1, rounded up.
std::vector<std::int64_t> even_cuts(std::int64_t n) {
  std::vector<std::int64_t> sizes{n};
  for (std::int64_t parts = 2; sizes.back() > 1; parts *= 2) {
    for (const std::int64_t p : {parts, parts / 2 * 3}) {
      const std::int64_t size = mapping_free_ceil(n, p);
      if (size < sizes.back()) sizes.push_back(size);
    }
  }
  return sizes;
}

}  // namespace
}  // namespace lanewise::estimator
