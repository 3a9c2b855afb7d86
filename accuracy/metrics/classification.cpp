// SPDX-License-Identifier: Apache-2.0
#include "accuracy/metrics/classification.hpp"

#include <cstddef>

#include "core/base/error.hpp"

namespace lanewise::accuracy {

double top1_accuracy(const std::vector<int>& predicted, const std::vector<int>& labels) {
  if (predicted.size() != labels.size()) throw InternalError("as many predictions as labels are needed");
  if (labels.empty()) throw Error("there is no image to measure accuracy on");
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) right += predicted[i] == labels[i] ? 1U : 0U;
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace lanewise::accuracy
