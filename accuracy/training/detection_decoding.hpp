// SPDX-License-Identifier: Apache-2.0
// From what a detector writes to the objects that it found.
#pragma once

#include <vector>

#include "accuracy/training/detection_boxes.hpp"
#include "accuracy/training/detection_targets.hpp"

namespace lanewise::accuracy {

struct DecodingLimits {
  std::int64_t candidates = 1000;  // pairs of position and class with the highest scores, before suppression
  double most_overlap = 0.5;       // of two boxes of one class
  std::int64_t detections = 100;   // with the highest scores, after it
  float least_score = 0.01F;       // a detection's is above it
};

class DetectionDecoder {
 public:
  DetectionDecoder(DetectionHead head, DecodingLimits limits);
  // The objects of one image, highest scores first. `logits` are [positions, values], `boxes` [positions, 4]. Scores are
  // sigmoids, or with a background softmaxes without it. Equal scores are in the order of positions, then classes.
  std::vector<FoundBox> decode(const float* logits, const float* boxes) const;

 private:
  std::vector<float> scores(const float* logits) const;  // [positions, classes]
  Box box(std::size_t position, const float* boxes) const;

  DetectionHead head_;
  DecodingLimits limits_;
  std::vector<Anchor> anchors_;  // or
  std::vector<Cell> cells_;
};

}  // namespace lanewise::accuracy
