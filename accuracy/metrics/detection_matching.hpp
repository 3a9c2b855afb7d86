// SPDX-License-Identifier: Apache-2.0
// Which detections of one class are right, and what precision comes of it. Private to this module.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "accuracy/metrics/detection.hpp"

namespace lanewise::accuracy {

struct AreaRange {
  double least = 0, most = std::numeric_limits<double>::infinity();
  bool holds(double area) const { return area >= least && area <= most; }
};

// One class in one image. The detections come by descending score.
struct ImageOfClass {
  std::vector<ObjectBox> objects;
  std::vector<DetectedBox> detections;
  std::vector<std::vector<double>> iou;  // [detections][objects]
};

enum class Verdict { kWrong, kRight, kIgnored };

// Of each detection at one threshold.
std::vector<Verdict> match_as_coco(const ImageOfClass& image, double threshold, const AreaRange& range);
std::vector<Verdict> match_by_largest(const ImageOfClass& image, double threshold);

// One detection of one class, over all images.
struct Judged {
  double score = 0;
  Verdict verdict = Verdict::kWrong;
};

struct PrecisionScores {
  double ap = 0, recall = 0;
};
// In the order of the scores, equal ones as they come. `objects`: how many there are to be found, above 0.
PrecisionScores average_precision(std::vector<Judged> judged, double objects, ApDefinition definition);

double area_of(const ObjectBox& object);
double area_of(const DetectedBox& detection);

}  // namespace lanewise::accuracy
