// SPDX-License-Identifier: Apache-2.0
// Mean average precision against examples worked by hand and against the definition written down once more, slowly.
#include "accuracy/metrics/detection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/random.hpp"

namespace lanewise::accuracy {
namespace {

ObjectBox object(double left, double top, double right, double bottom, int label = 0, bool is_crowd = false) {
  return {left, top, right, bottom, label, is_crowd, -1};
}
DetectedBox detected(double score, double left, double top, double right, double bottom, int label = 0) {
  return {left, top, right, bottom, label, score, -1};
}

DetectionScores coco(const std::vector<std::vector<ObjectBox>>& objects,
                     const std::vector<std::vector<DetectedBox>>& detections, int classes = 1) {
  return score_detections(objects, detections, {ApDefinition::kCoco, classes, 100});
}
DetectionScores envelope(const std::vector<std::vector<ObjectBox>>& objects,
                         const std::vector<std::vector<DetectedBox>>& detections, int classes = 1) {
  return score_detections(objects, detections, {ApDefinition::kEnvelope, classes, 100});
}

TEST(Detection, what_finds_every_object_exactly_has_all) {
  const auto scores = coco({{object(0, 0, 10, 10), object(20, 20, 60, 60, 1)}},
                           {{detected(.9, 0, 0, 10, 10), detected(.1, 20, 20, 60, 60, 1)}}, 2);
  EXPECT_DOUBLE_EQ(scores.map, 1);
  EXPECT_DOUBLE_EQ(scores.ar, 1);
  EXPECT_DOUBLE_EQ(scores.small.ap, 1);
  EXPECT_DOUBLE_EQ(scores.medium.ap, 1);
  EXPECT_TRUE(std::isnan(scores.large.ap));
}

// Right, wrong, right: precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1. The envelope is 1 up to recall 1/2 and 2/3 beyond;
// 51 of COCO's 101 levels are not above 1/2.
TEST(Detection, average_precision_of_a_worked_example) {
  const std::vector<std::vector<ObjectBox>> objects = {{object(0, 0, 10, 10), object(20, 0, 30, 10)}};
  const std::vector<std::vector<DetectedBox>> found = {
      {detected(.9, 0, 0, 10, 10), detected(.8, 40, 40, 50, 50), detected(.7, 20, 0, 30, 10)}};
  EXPECT_NEAR(coco(objects, found).map50, (51 + 50 * 2.0 / 3) / 101, 1e-12);
  EXPECT_NEAR(envelope(objects, found).map50, 0.5 * 1 + 0.5 * 2 / 3, 1e-12);
}

// 72 of 100 pixels: right at .5, .55, .6, .65 and .7, wrong at the other five.
TEST(Detection, each_threshold_judges_by_itself) {
  const auto scores = coco({{object(0, 0, 10, 10)}}, {{detected(.5, 0, 0, 9, 8)}});
  EXPECT_DOUBLE_EQ(scores.map, 0.5);
  EXPECT_DOUBLE_EQ(scores.map50, 1);
  EXPECT_DOUBLE_EQ(scores.map75, 0);
  EXPECT_DOUBLE_EQ(scores.ar, 0.5);
  EXPECT_DOUBLE_EQ(scores.map_by_threshold[4], 1);
  EXPECT_DOUBLE_EQ(scores.map_by_threshold[5], 0);
}

TEST(Detection, an_iou_at_the_threshold_is_enough) {
  EXPECT_DOUBLE_EQ(coco({{object(0, 0, 10, 10)}}, {{detected(.5, 0, 0, 10, 5)}}).map50, 1);
}

TEST(Detection, an_object_is_found_once) {
  const auto scores = coco({{object(0, 0, 10, 10), object(50, 50, 60, 60)}},
                           {{detected(.9, 0, 0, 10, 10), detected(.8, 0, 0, 10, 10), detected(.7, 50, 50, 60, 60)}});
  EXPECT_NEAR(scores.map, (51 + 50 * 2.0 / 3) / 101, 1e-12);
}

// The better of two detections of one object comes later by its score and is the wrong one all the same.
TEST(Detection, the_higher_score_takes_the_object_first) {
  const auto scores = coco({{object(0, 0, 10, 10)}}, {{detected(.9, 0, 0, 10, 6), detected(.8, 0, 0, 10, 10)}});
  EXPECT_DOUBLE_EQ(scores.map50, 1);
  EXPECT_DOUBLE_EQ(scores.map75, 0.5);
}

TEST(Detection, detections_in_a_crowd_are_neither_right_nor_wrong) {
  const std::vector<std::vector<ObjectBox>> objects = {{object(0, 0, 10, 10), object(20, 20, 60, 60, 0, true)}};
  const std::vector<std::vector<DetectedBox>> found = {
      {detected(.9, 22, 22, 32, 32), detected(.8, 0, 0, 10, 10), detected(.7, 40, 40, 50, 50)}};
  EXPECT_DOUBLE_EQ(coco(objects, found).map, 1);
  EXPECT_DOUBLE_EQ(envelope(objects, found).map, 1);
  // Half of it outside of the crowd is just enough at .5 and not at .55.
  const std::vector<std::vector<DetectedBox>> beside = {{detected(.9, 15, 30, 25, 40), detected(.8, 0, 0, 10, 10)}};
  EXPECT_DOUBLE_EQ(coco(objects, beside).map50, 1);
  EXPECT_DOUBLE_EQ(coco(objects, beside).map_by_threshold[1], 0.5);
  // A class of crowds alone says nothing.
  EXPECT_TRUE(std::isnan(coco({{object(0, 0, 9, 9, 0, true)}}, {{detected(.9, 0, 0, 9, 9)}}).map));
}

TEST(Detection, an_object_comes_before_a_crowd) {
  // The crowd fits better, and the object is found.
  const auto scores = coco({{object(0, 0, 100, 100, 0, true), object(0, 0, 10, 10)}}, {{detected(.9, 0, 0, 10, 8)}});
  EXPECT_DOUBLE_EQ(scores.map50, 1);
  EXPECT_DOUBLE_EQ(scores.ar, 0.7);
}

TEST(Detection, equal_scores_keep_their_order) {
  const std::vector<ObjectBox> one = {object(0, 0, 10, 10)};
  const DetectedBox right = detected(.5, 0, 0, 10, 10), wrong = detected(.5, 30, 30, 40, 40);
  EXPECT_DOUBLE_EQ(coco({one}, {{right, wrong}}).map, 1);
  EXPECT_DOUBLE_EQ(coco({one}, {{wrong, right}}).map, 0.5);
  EXPECT_DOUBLE_EQ(coco({one, {}}, {{right}, {wrong}}).map, 1);
  EXPECT_DOUBLE_EQ(coco({{}, one}, {{wrong}, {right}}).map, 0.5);
}

TEST(Detection, classes_without_objects_are_left_out_of_the_mean) {
  const auto scores =
      coco({{object(0, 0, 10, 10, 1)}}, {{detected(.9, 0, 0, 10, 10, 1), detected(.9, 0, 0, 10, 10, 0)}}, 3);
  EXPECT_DOUBLE_EQ(scores.map, 1);
  EXPECT_TRUE(std::isnan(scores.ap_by_class[0]));
  EXPECT_DOUBLE_EQ(scores.ap_by_class[1], 1);
  // A class that is there and never found counts as 0.
  EXPECT_DOUBLE_EQ(coco({{object(0, 0, 10, 10, 1), object(0, 0, 9, 9, 2)}}, {{detected(.9, 0, 0, 10, 10, 1)}}, 3).map,
                   0.5);
}

TEST(Detection, ranges_of_areas_look_at_their_objects_alone) {
  // A small object that is found, a large one that is not, a wrong detection of medium size.
  const auto scores = coco({{object(0, 0, 10, 10), object(100, 100, 300, 300)}},
                           {{detected(.9, 400, 400, 450, 450), detected(.8, 0, 0, 10, 10)}});
  EXPECT_DOUBLE_EQ(scores.small.ap, 1);
  EXPECT_DOUBLE_EQ(scores.large.ap, 0);
  EXPECT_TRUE(std::isnan(scores.medium.ap));
  EXPECT_NEAR(scores.map, 0.5 * 51 / 101, 1e-12);
  // The area that is stated decides, not the box's.
  ObjectBox thin = object(0, 0, 100, 100);
  thin.area = 50;
  EXPECT_DOUBLE_EQ(coco({{thin}}, {{detected(.9, 0, 0, 100, 100)}}).small.ap, 1);
}

TEST(Detection, only_the_best_of_each_class_and_image_count) {
  std::vector<DetectedBox> many;
  for (int i = 0; i < 100; ++i) many.push_back(detected(.9, 50, 50, 60, 60));
  many.push_back(detected(.1, 0, 0, 10, 10));
  EXPECT_DOUBLE_EQ(coco({{object(0, 0, 10, 10)}}, {many}).ar, 0);
  many.erase(many.begin());
  EXPECT_DOUBLE_EQ(coco({{object(0, 0, 10, 10)}}, {many}).ar, 1);
  EXPECT_DOUBLE_EQ(coco({{object(0, 0, 10, 10)}}, {many}).ar10, 0);
  EXPECT_NEAR(coco({{object(0, 0, 10, 10)}}, {many}).map, 0.01, 1e-12);
}

TEST(Detection, nothing_found_is_nothing_and_a_score_that_is_none_comes_last) {
  EXPECT_DOUBLE_EQ(coco({{object(0, 0, 10, 10)}}, {{}}).map, 0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_DOUBLE_EQ(coco({{object(0, 0, 10, 10)}}, {{detected(nan, 30, 30, 40, 40), detected(.1, 0, 0, 10, 10)}}).map,
                   1);
}

// --- The definition once more, without any of the shortcuts. ---

struct Case {
  std::vector<std::vector<ObjectBox>> objects;
  std::vector<std::vector<DetectedBox>> detections;
};

double area(double left, double top, double right, double bottom) { return (right - left) * (bottom - top); }

double slow_iou(const DetectedBox& d, const ObjectBox& o) {
  // On whole coordinates an intersection is a count of cells.
  double both = 0;
  for (double y = d.top; y < d.bottom; ++y) {
    for (double x = d.left; x < d.right; ++x) both += x >= o.left && x < o.right && y >= o.top && y < o.bottom ? 1 : 0;
  }
  const double detection = area(d.left, d.top, d.right, d.bottom);
  return both / (o.is_crowd ? detection : detection + area(o.left, o.top, o.right, o.bottom) - both);
}

struct Ordered {
  double score;
  std::size_t image, place;
  int verdict;  // 1 right, 0 wrong, -1 neither
};

double slow_ap(const Case& c, int label, double threshold, double least, double most, bool is_coco) {
  std::vector<Ordered> all;
  double wanted = 0;
  const auto is_out = [&](double value) { return value < least || value > most; };
  for (std::size_t image = 0; image < c.objects.size(); ++image) {
    std::vector<Ordered> here;
    for (std::size_t i = 0; i < c.detections[image].size(); ++i) {
      if (c.detections[image][i].label == label) here.push_back({c.detections[image][i].score, image, i, 0});
    }
    std::stable_sort(here.begin(), here.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    std::vector<int> is_taken(c.objects[image].size());
    const auto counts = [&](const ObjectBox& o) {
      return !o.is_crowd && !is_out(area(o.left, o.top, o.right, o.bottom));
    };
    for (const ObjectBox& o : c.objects[image]) wanted += o.label == label && counts(o) ? 1 : 0;
    for (Ordered& one : here) {
      const DetectedBox& d = c.detections[image][one.place];
      // Among objects that count the largest overlap, the last of equals by COCO and the first of equals by the other;
      // only then, and only by COCO, the others that are ignored.
      int match = -1;
      for (const bool ignored : {false, true}) {
        double best = -1;
        for (std::size_t i = 0; i < c.objects[image].size() && (match < 0 || !ignored); ++i) {
          const ObjectBox& o = c.objects[image][i];
          if (o.label != label || counts(o) == ignored || (is_taken[i] != 0 && !o.is_crowd)) continue;
          const double iou = slow_iou(d, o);
          if (iou < threshold || iou < best || (!is_coco && iou == best)) continue;
          best = iou;
          match = ignored ? -2 - static_cast<int>(i) : static_cast<int>(i);
          if (ignored && !is_coco) break;
          if (ignored) {
            // Go on looking among the ignored alone.
            for (std::size_t j = i + 1; j < c.objects[image].size(); ++j) {
              const ObjectBox& other = c.objects[image][j];
              if (other.label != label || counts(other) || (is_taken[j] != 0 && !other.is_crowd)) continue;
              if (slow_iou(d, other) >= best) {
                best = slow_iou(d, other);
                match = -2 - static_cast<int>(j);
              }
            }
            break;
          }
        }
        if (match >= 0) break;
      }
      if (match >= 0) {
        is_taken[static_cast<std::size_t>(match)] = 1;
        one.verdict = 1;
      } else if (match <= -2) {
        is_taken[static_cast<std::size_t>(-2 - match)] = 1;
        one.verdict = -1;
      } else {
        one.verdict = is_out(area(d.left, d.top, d.right, d.bottom)) ? -1 : 0;
      }
      all.push_back(one);
    }
  }
  if (wanted == 0) return -1;
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  const auto precision_from = [&](double recall) {
    // The best precision of any beginning of the list that reaches the recall.
    double right = 0, counted = 0, best = 0;
    for (const Ordered& one : all) {
      if (one.verdict < 0) continue;
      counted += 1;
      right += one.verdict;
      if (right / wanted >= recall) best = std::max(best, right / counted);
    }
    return best;
  };
  double sum = 0;
  if (is_coco) {
    for (int i = 0; i <= 100; ++i) sum += precision_from(i * 0.01) / 101;
  } else {
    // The envelope is even between the recalls of 1/n, 2/n and so on.
    for (double i = 1; i <= wanted; ++i) sum += precision_from(i / wanted) / wanted;
  }
  return sum;
}

Case random_case(Random& random, bool crowds) {
  Case c;
  const auto images = 1 + random.below(4);
  for (std::uint64_t image = 0; image < images; ++image) {
    c.objects.emplace_back();
    c.detections.emplace_back();
    const auto box = [&](int& l, int& t, int& r, int& b) {
      l = static_cast<int>(random.below(20));
      t = static_cast<int>(random.below(20));
      r = l + 1 + static_cast<int>(random.below(14));
      b = t + 1 + static_cast<int>(random.below(14));
    };
    int l = 0, t = 0, r = 0, b = 0;
    for (auto n = random.below(5); n > 0; --n) {
      box(l, t, r, b);
      c.objects.back().push_back(object(l, t, r, b, static_cast<int>(random.below(2)), crowds && random.chance(.25)));
      // Mostly near an object, so that thresholds matter.
      for (auto m = random.below(3); m > 0; --m) {
        c.detections.back().push_back(detected(static_cast<double>(random.below(6)) / 5, l, t,
                                               r + static_cast<double>(random.below(3)), b,
                                               c.objects.back().back().label));
      }
    }
    for (auto n = random.below(4); n > 0; --n) {
      box(l, t, r, b);
      c.detections.back().push_back(
          detected(static_cast<double>(random.below(6)) / 5, l, t, r, b, static_cast<int>(random.below(2))));
    }
  }
  return c;
}

double mean_over_classes(const Case& c, double threshold, double least, double most, bool is_coco) {
  double sum = 0;
  int used = 0;
  for (int label = 0; label < 2; ++label) {
    const double ap = slow_ap(c, label, threshold, least, most, is_coco);
    if (ap < 0) continue;
    sum += ap;
    ++used;
  }
  return used == 0 ? -1 : sum / used;
}

double or_none(double value) { return std::isnan(value) ? -1 : value; }

TEST(Detection, the_definitions_written_down_slowly_give_the_same) {
  Random random(11);
  const double infinity = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 400; ++round) {
    // The envelope's definition knows crowds from COCO's alone.
    const Case plain = random_case(random, false), crowded = random_case(random, true);
    const DetectionScores by_coco = coco(crowded.objects, crowded.detections, 2);
    const DetectionScores by_envelope = envelope(plain.objects, plain.detections, 2);
    for (std::size_t t = 0; t < kIouThresholds; ++t) {
      const double threshold = iou_thresholds()[t];
      ASSERT_NEAR(or_none(by_coco.map_by_threshold[t]), mean_over_classes(crowded, threshold, 0, infinity, true), 1e-9)
          << "round " << round << " threshold " << threshold;
      ASSERT_NEAR(or_none(by_envelope.map_by_threshold[t]), mean_over_classes(plain, threshold, 0, infinity, false),
                  1e-9)
          << "round " << round << " threshold " << threshold;
    }
  }
}

// Boxes of these cases are small; scaled up their areas lie on both sides of COCO's first limit.
TEST(Detection, ranges_of_areas_written_down_slowly_give_the_same) {
  Random random(12);
  for (int round = 0; round < 40; ++round) {
    Case c = random_case(random, true);
    const auto scale = [](auto& box) {
      for (double* side : {&box.left, &box.top, &box.right, &box.bottom}) *side *= 4;
    };
    for (auto& image : c.objects) std::for_each(image.begin(), image.end(), scale);
    for (auto& image : c.detections) std::for_each(image.begin(), image.end(), scale);
    double sum = 0;
    int used = 0;
    for (const double threshold : iou_thresholds()) {
      for (int label = 0; label < 2; ++label) {
        const double ap = slow_ap(c, label, threshold, 0, 1024, true);
        if (ap < 0) continue;
        sum += ap;
        ++used;
      }
    }
    ASSERT_NEAR(or_none(coco(c.objects, c.detections, 2).small.ap), used == 0 ? -1 : sum / used, 1e-9) << round;
  }
}

}  // namespace
}  // namespace lanewise::accuracy
