// SPDX-License-Identifier: Apache-2.0
// How well a detector finds objects: mean average precision, as COCO defines it and as the area under the envelope of
// the precision. Both match detections to objects of their class in the order of their scores and differ in the rest.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace lanewise::accuracy {

struct ObjectBox {
  double left = 0, top = 0, right = 0, bottom = 0;
  int label = 0;
  bool is_crowd = false;  // many objects at once: detections inside of it are neither right nor wrong
  double area = -1;       // that sorts it into small, medium and large; negative: the box's
};

struct DetectedBox {
  double left = 0, top = 0, right = 0, bottom = 0;
  int label = 0;
  double score = 0;
  double area = -1;  // likewise
};

enum class ApDefinition {
  // The one of pycocotools. A detection takes the object of the largest IoU at or above the threshold that is free, a
  // crowd only where no object is; objects come before crowds. Precision is read at 101 levels of recall. Detections
  // that take a crowd, or an object of another range of areas, count as nothing, and so do free ones of another range.
  kCoco,
  // A detection takes the free object of its class and image with the largest IoU, if that is at or above the
  // threshold. Average precision is the area under the envelope of precision over recall, all of its points. Crowds
  // are passed over as in COCO's.
  kEnvelope,
};

struct DetectionOptions {
  ApDefinition definition = ApDefinition::kCoco;
  int classes = 0;
  int most_detections = 100;  // of one class in one image, the best by score
};

// COCO's ten thresholds of IoU, .5 to .95.
inline constexpr std::size_t kIouThresholds = 10;
std::array<double, kIouThresholds> iou_thresholds();

struct AreaScores {
  double ap = 0;  // mean over thresholds and classes
  double ar = 0;  // mean over thresholds and classes of the largest recall
};

// NaN stands for what no object is there to tell.
struct DetectionScores {
  double map = 0, map50 = 0, map75 = 0;            // mean over classes; `map` over thresholds too
  AreaScores small, medium, large;                 // area at most 32², 32² to 96², 96² pixels at least
  double ar1 = 0, ar10 = 0, ar = 0;                // with 1, 10 and most_detections of a class in an image
  std::vector<double> ap_by_class, ap50_by_class;  // [classes]
  std::array<double, kIouThresholds> map_by_threshold{};
};

// `objects` and `detections` hold [images][…]. Detections of equal score keep their order: by image, then as given. A
// score that is not a number comes last. Throws InternalError where the numbers of images differ or a class is out of
// range.
DetectionScores score_detections(const std::vector<std::vector<ObjectBox>>& objects,
                                 const std::vector<std::vector<DetectedBox>>& detections,
                                 const DetectionOptions& options);

// Intersection over union, 0 where both are of no area. For a crowd: intersection over the detection's area.
double box_iou(const DetectedBox& detection, const ObjectBox& object);

}  // namespace lanewise::accuracy
