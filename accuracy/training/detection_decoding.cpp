// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/detection_decoding.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lanewise::accuracy {

DetectionDecoder::DetectionDecoder(DetectionHead head, DecodingLimits limits)
    : head_(std::move(head)), limits_(limits) {
  if (head_.coding == DetectionHead::Coding::kOffsets) {
    anchors_ = anchors_of(head_);
  } else {
    cells_ = cells_of(head_);
  }
}

std::vector<float> DetectionDecoder::scores(const float* logits) const {
  const auto classes = static_cast<std::size_t>(head_.classes), values = static_cast<std::size_t>(head_.values());
  const auto positions = static_cast<std::size_t>(head_.positions());
  std::vector<float> all(positions * classes);
  for (std::size_t position = 0; position < positions; ++position) {
    const float* const from = logits + position * values;
    float* const to = all.data() + position * classes;
    if (!head_.has_background) {
      for (std::size_t k = 0; k < classes; ++k) to[k] = 1 / (1 + std::exp(-from[k]));
      continue;
    }
    const float highest = *std::max_element(from, from + values);
    float sum = 0;
    for (std::size_t k = 0; k < values; ++k) sum += std::exp(from[k] - highest);
    for (std::size_t k = 0; k < classes; ++k) to[k] = std::exp(from[k + 1] - highest) / sum;
  }
  return all;
}

Box DetectionDecoder::box(std::size_t position, const float* boxes) const {
  const float* const values = boxes + position * 4;
  return anchors_.empty() ? box_of_distances(values, cells_[position]) : box_of_offsets(values, anchors_[position]);
}

std::vector<FoundBox> DetectionDecoder::decode(const float* logits, const float* boxes) const {
  const std::vector<float> all = scores(logits);
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] > limits_.least_score) order.push_back(i);
  }
  const std::size_t most = std::min(order.size(), static_cast<std::size_t>(limits_.candidates));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most), order.end(),
                    [&](std::size_t a, std::size_t b) { return all[a] > all[b] || (all[a] == all[b] && a < b); });
  std::vector<FoundBox> found;
  for (std::size_t i = 0; i < most; ++i) {
    const auto classes = static_cast<std::size_t>(head_.classes);
    FoundBox each{box(order[i] / classes, boxes), all[order[i]]};
    each.box.label = static_cast<int>(order[i] % classes);
    found.push_back(each);
  }
  found = suppress(std::move(found), limits_.most_overlap);
  if (found.size() > static_cast<std::size_t>(limits_.detections)) {
    found.resize(static_cast<std::size_t>(limits_.detections));
  }
  return found;
}

}  // namespace lanewise::accuracy
