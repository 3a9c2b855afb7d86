// SPDX-License-Identifier: Apache-2.0
#include "accuracy/metrics/detection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "accuracy/metrics/detection_matching.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

using ClassImages = std::vector<ImageOfClass>;  // of one class: the images that have anything of it

double score_of(const DetectedBox& box) {
  return std::isnan(box.score) ? -std::numeric_limits<double>::infinity() : box.score;
}

std::vector<ClassImages> by_class(const std::vector<std::vector<ObjectBox>>& objects,
                                  const std::vector<std::vector<DetectedBox>>& detections,
                                  const DetectionOptions& options) {
  if (objects.size() != detections.size()) throw InternalError("detections of as many images as objects are needed");
  const auto require = [&](int label) {
    if (label < 0 || label >= options.classes) throw InternalError("a class of a box is out of range");
  };
  std::vector<ClassImages> out(static_cast<std::size_t>(std::max(0, options.classes)));
  for (std::size_t image = 0; image < objects.size(); ++image) {
    std::vector<ImageOfClass> here(out.size());
    for (const ObjectBox& object : objects[image]) {
      require(object.label);
      here[static_cast<std::size_t>(object.label)].objects.push_back(object);
    }
    for (const DetectedBox& detection : detections[image]) {
      require(detection.label);
      here[static_cast<std::size_t>(detection.label)].detections.push_back(detection);
      here[static_cast<std::size_t>(detection.label)].detections.back().score = score_of(detection);
    }
    for (std::size_t label = 0; label < here.size(); ++label) {
      ImageOfClass& one = here[label];
      if (one.objects.empty() && one.detections.empty()) continue;
      std::stable_sort(one.detections.begin(), one.detections.end(),
                       [](const DetectedBox& a, const DetectedBox& b) { return a.score > b.score; });
      const auto most = static_cast<std::size_t>(std::max(0, options.most_detections));
      if (one.detections.size() > most) one.detections.resize(most);
      for (const DetectedBox& detection : one.detections) {
        one.iou.emplace_back();
        for (const ObjectBox& object : one.objects) one.iou.back().push_back(box_iou(detection, object));
      }
      out[label].push_back(std::move(one));
    }
  }
  return out;
}

double objects_in(const ClassImages& images, const AreaRange& range) {
  double count = 0;
  for (const ImageOfClass& image : images) {
    for (const ObjectBox& object : image.objects) {
      if (!object.is_crowd && range.holds(area_of(object))) count += 1;
    }
  }
  return count;
}

// Of one class and threshold, for each number of detections that an image may have of it.
std::vector<PrecisionScores> score_class(const ClassImages& images, double threshold, const AreaRange& range,
                                         double objects, ApDefinition definition,
                                         const std::vector<std::size_t>& most) {
  std::vector<std::vector<Judged>> judged(most.size());
  for (const ImageOfClass& image : images) {
    const std::vector<Verdict> verdicts =
        definition == ApDefinition::kCoco ? match_as_coco(image, threshold, range) : match_by_largest(image, threshold);
    for (std::size_t m = 0; m < most.size(); ++m) {
      for (std::size_t d = 0; d < std::min(most[m], verdicts.size()); ++d) {
        judged[m].push_back({image.detections[d].score, verdicts[d]});
      }
    }
  }
  std::vector<PrecisionScores> out;
  for (std::vector<Judged>& one : judged) out.push_back(average_precision(std::move(one), objects, definition));
  return out;
}

// Mean of what is not NaN; NaN of nothing.
class Mean {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ == 0 ? kNothing : sum_ / count_; }

 private:
  double sum_ = 0;
  int count_ = 0;
};

AreaScores score_area(const std::vector<ClassImages>& classes, const AreaRange& range,
                      const DetectionOptions& options) {
  Mean ap, ar;
  for (const ClassImages& images : classes) {
    const double objects = objects_in(images, range);
    if (objects == 0) continue;
    for (const double threshold : iou_thresholds()) {
      const PrecisionScores scores = score_class(images, threshold, range, objects, ApDefinition::kCoco,
                                                 {static_cast<std::size_t>(std::max(0, options.most_detections))})
                                         .front();
      ap.add(scores.ap);
      ar.add(scores.recall);
    }
  }
  return {ap.value(), ar.value()};
}

}  // namespace

std::array<double, kIouThresholds> iou_thresholds() {
  std::array<double, kIouThresholds> out{};
  // Equal steps as everybody computes them: .9 comes out one step of a double below the decimal.
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0.5 + static_cast<double>(i) * ((0.95 - 0.5) / 9);
  return out;
}

DetectionScores score_detections(const std::vector<std::vector<ObjectBox>>& objects,
                                 const std::vector<std::vector<DetectedBox>>& detections,
                                 const DetectionOptions& options) {
  const std::vector<ClassImages> classes = by_class(objects, detections, options);
  const std::array<double, kIouThresholds> thresholds = iou_thresholds();
  constexpr std::size_t kOne = 1, kTen = 10, k75 = 5;
  const auto all = static_cast<std::size_t>(std::max(0, options.most_detections));
  DetectionScores out;
  Mean map, ar1, ar10, ar;
  std::array<Mean, kIouThresholds> by_threshold;
  for (const ClassImages& images : classes) {
    const double count = objects_in(images, {});
    Mean ap;
    double ap50 = kNothing;
    for (std::size_t t = 0; t < thresholds.size() && count > 0; ++t) {
      const auto scores = score_class(images, thresholds[t], {}, count, options.definition, {kOne, kTen, all});
      ar1.add(scores[0].recall);
      ar10.add(scores[1].recall);
      ar.add(scores[2].recall);
      map.add(scores[2].ap);
      ap.add(scores[2].ap);
      by_threshold[t].add(scores[2].ap);
      if (t == 0) ap50 = scores[2].ap;
    }
    out.ap_by_class.push_back(ap.value());
    out.ap50_by_class.push_back(ap50);
  }
  for (std::size_t t = 0; t < thresholds.size(); ++t) out.map_by_threshold[t] = by_threshold[t].value();
  out.map = map.value();
  out.map50 = out.map_by_threshold[0];
  out.map75 = out.map_by_threshold[k75];
  out.ar1 = ar1.value();
  out.ar10 = ar10.value();
  out.ar = ar.value();
  constexpr double kSmall = 32.0 * 32, kMedium = 96.0 * 96;
  out.small = score_area(classes, {0, kSmall}, options);
  out.medium = score_area(classes, {kSmall, kMedium}, options);
  out.large = score_area(classes, {kMedium}, options);
  return out;
}

}  // namespace lanewise::accuracy
