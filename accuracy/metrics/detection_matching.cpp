// SPDX-License-Identifier: Apache-2.0
#include "accuracy/metrics/detection_matching.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::accuracy {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

template <class Rectangle>
double box_area(const Rectangle& box) {
  return std::max(0.0, box.right - box.left) * std::max(0.0, box.bottom - box.top);
}

// Precision never falls with falling recall once it is replaced by the best at any recall that is not lower.
void make_envelope(std::vector<double>& precision) {
  for (std::size_t i = precision.size(); i-- > 1;) precision[i - 1] = std::max(precision[i - 1], precision[i]);
}

// The precision at 101 levels of recall, 0 to 1: at each the first point that reaches it, none counting as 0. The
// levels are the multiples of the double .01 that everybody compares with, some of which are a bit above their
// decimals.
double at_levels(const std::vector<double>& recall, const std::vector<double>& precision) {
  constexpr int kSteps = 100;
  constexpr double kStep = 0.01;
  double sum = 0;
  std::size_t at = 0;
  for (int step = 0; step <= kSteps; ++step) {
    while (at < recall.size() && recall[at] < step * kStep) ++at;
    if (at == recall.size()) break;
    sum += precision[at];
  }
  return sum / (kSteps + 1);
}

double area_under(const std::vector<double>& recall, const std::vector<double>& precision) {
  double sum = 0, before = 0;
  for (std::size_t i = 0; i < recall.size(); ++i) {
    sum += (recall[i] - before) * precision[i];
    before = recall[i];
  }
  return sum;
}

}  // namespace

double area_of(const ObjectBox& object) { return object.area >= 0 ? object.area : box_area(object); }
double area_of(const DetectedBox& detection) { return detection.area >= 0 ? detection.area : box_area(detection); }

double box_iou(const DetectedBox& detection, const ObjectBox& object) {
  const double width = std::min(detection.right, object.right) - std::max(detection.left, object.left);
  const double height = std::min(detection.bottom, object.bottom) - std::max(detection.top, object.top);
  if (!(width > 0) || !(height > 0)) return 0;
  const double both = width * height, detected = box_area(detection);
  return both / (object.is_crowd ? detected : detected + box_area(object) - both);
}

std::vector<Verdict> match_as_coco(const ImageOfClass& image, double threshold, const AreaRange& range) {
  const std::size_t count = image.objects.size();
  std::vector<bool> is_ignored(count), is_taken(count);
  std::vector<std::size_t> order;  // those that count first, as they come, then those that are ignored
  for (std::size_t i = 0; i < count; ++i) {
    is_ignored[i] = image.objects[i].is_crowd || !range.holds(area_of(image.objects[i]));
  }
  for (const bool wanted : {false, true}) {
    for (std::size_t i = 0; i < count; ++i) {
      if (is_ignored[i] == wanted) order.push_back(i);
    }
  }
  std::vector<Verdict> out;
  for (std::size_t d = 0; d < image.detections.size(); ++d) {
    // The definition's own tolerance, which only matters for a threshold of 1.
    double best = std::min(threshold, 1 - 1e-10);
    std::size_t match = kNone;
    for (const std::size_t i : order) {
      if (is_taken[i] && !image.objects[i].is_crowd) continue;
      if (match != kNone && !is_ignored[match] && is_ignored[i]) break;
      if (image.iou[d][i] < best) continue;
      best = image.iou[d][i];
      match = i;
    }
    if (match == kNone) {
      out.push_back(range.holds(area_of(image.detections[d])) ? Verdict::kWrong : Verdict::kIgnored);
    } else {
      is_taken[match] = true;
      out.push_back(is_ignored[match] ? Verdict::kIgnored : Verdict::kRight);
    }
  }
  return out;
}

std::vector<Verdict> match_by_largest(const ImageOfClass& image, double threshold) {
  std::vector<bool> is_taken(image.objects.size());
  std::vector<Verdict> out;
  for (std::size_t d = 0; d < image.detections.size(); ++d) {
    std::size_t match = kNone;
    bool is_in_crowd = false;
    for (std::size_t i = 0; i < image.objects.size(); ++i) {
      if (image.objects[i].is_crowd) {
        is_in_crowd = is_in_crowd || image.iou[d][i] >= threshold;
      } else if (!is_taken[i] && (match == kNone || image.iou[d][i] > image.iou[d][match])) {
        match = i;
      }
    }
    if (match != kNone && image.iou[d][match] >= threshold) {
      is_taken[match] = true;
      out.push_back(Verdict::kRight);
    } else {
      out.push_back(is_in_crowd ? Verdict::kIgnored : Verdict::kWrong);
    }
  }
  return out;
}

PrecisionScores average_precision(std::vector<Judged> judged, double objects, ApDefinition definition) {
  std::stable_sort(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) { return a.score > b.score; });
  std::vector<double> recall, precision;
  double right = 0, wrong = 0;
  for (const Judged& one : judged) {
    if (one.verdict == Verdict::kIgnored) continue;
    (one.verdict == Verdict::kRight ? right : wrong) += 1;
    recall.push_back(right / objects);
    precision.push_back(right / (right + wrong));
  }
  make_envelope(precision);
  PrecisionScores out;
  out.recall = recall.empty() ? 0 : recall.back();
  out.ap = definition == ApDefinition::kCoco ? at_levels(recall, precision) : area_under(recall, precision);
  return out;
}

}  // namespace lanewise::accuracy
