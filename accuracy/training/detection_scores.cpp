// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/detection_scores.hpp"

#include <algorithm>
#include <array>

namespace lanewise::accuracy {
namespace {

constexpr int kThresholds = 10;  // of overlap: 0.5, 0.55 to 0.95
using Precisions = std::array<double, kThresholds>;

// A found box of one class, of any image, with whether it is right at each threshold.
struct Judged {
  float score = 0;
  std::array<signed char, kThresholds> right{};  // 1, 0, or -1 where a crowd makes it neither
};

// The area of a box that lies in a crowd, as a share of the box.
double covered(const Box& box, const Box& crowd) {
  const double width = static_cast<double>(std::min(box.right, crowd.right) - std::max(box.left, crowd.left));
  const double height = static_cast<double>(std::min(box.bottom, crowd.bottom) - std::max(box.top, crowd.top));
  const double all = static_cast<double>(box.right - box.left) * static_cast<double>(box.bottom - box.top);
  return width > 0 && height > 0 && all > 0 ? width * height / all : 0;
}

class Scores final : public Evaluation {
 public:
  Scores(DetectionDecoder decoder, std::size_t class_output, std::size_t box_output, std::size_t classes)
      : decoder_(std::move(decoder)),
        class_output_(class_output),
        box_output_(box_output),
        judged_(classes),
        objects_(classes, 0) {}

  void add(const std::vector<torch::Tensor>& outputs, const Dataset& batch) override {
    const torch::Tensor logits = outputs[class_output_].contiguous(), boxes = outputs[box_output_].contiguous();
    const std::int64_t values = logits.size(1) * logits.size(2), edges = boxes.size(1) * 4;
    for (std::int64_t image = 0; image < batch.images(); ++image) {
      judge(decoder_.decode(logits.data_ptr<float>() + image * values, boxes.data_ptr<float>() + image * edges),
            batch.boxes[static_cast<std::size_t>(image)]);
    }
  }

  std::vector<Metric> metrics() override {
    Precisions sums{};
    int seen = 0;
    for (std::size_t k = 0; k < judged_.size(); ++k) {
      if (objects_[k] == 0) continue;
      ++seen;
      for (int t = 0; t < kThresholds; ++t) sums[static_cast<std::size_t>(t)] += average_precision(k, t);
    }
    double all = 0;
    for (double& sum : sums) all += sum /= std::max(1, seen);
    return {{"map50_95", all / kThresholds,
             "COCO's AP: the mean over overlaps .5, .55 to .95 and over classes of the precision at 101 recalls"},
            {"map50", sums[0], "the same at an overlap of .5"},
            {"map75", sums[5], "the same at an overlap of .75"}};
  }

 private:
  void judge(const std::vector<FoundBox>& found, const std::vector<Box>& truth) {
    for (const Box& box : truth) objects_[static_cast<std::size_t>(box.label)] += box.is_crowd ? 0 : 1;
    std::vector<std::array<bool, kThresholds>> taken(truth.size());
    for (const FoundBox& each : found) {
      Judged judged;
      judged.score = each.score;
      for (std::size_t t = 0; t < kThresholds; ++t) {
        const double least = 0.5 + 0.05 * static_cast<double>(t);
        double best = 0;
        std::size_t match = truth.size();
        for (std::size_t o = 0; o < truth.size(); ++o) {
          if (truth[o].label != each.box.label || truth[o].is_crowd || taken[o][t]) continue;
          const double shared = overlap(truth[o], each.box);
          if (shared < least || shared <= best) continue;
          best = shared;
          match = o;
        }
        if (match < truth.size()) {
          taken[match][t] = true;
          judged.right[t] = 1;
        } else if (std::any_of(truth.begin(), truth.end(), [&](const Box& box) {
                     return box.is_crowd && box.label == each.box.label && covered(each.box, box) >= least;
                   })) {
          judged.right[t] = -1;
        }
      }
      judged_[static_cast<std::size_t>(each.box.label)].push_back(judged);
    }
  }

  double average_precision(std::size_t k, int threshold) {
    std::vector<Judged>& all = judged_[k];
    std::stable_sort(all.begin(), all.end(), [](const Judged& a, const Judged& b) { return a.score > b.score; });
    std::vector<double> recalls, precisions;
    double right = 0, wrong = 0;
    for (const Judged& each : all) {
      const int verdict = each.right[static_cast<std::size_t>(threshold)];
      if (verdict < 0) continue;
      (verdict > 0 ? right : wrong) += 1;
      recalls.push_back(right / static_cast<double>(objects_[k]));
      precisions.push_back(right / (right + wrong));
    }
    for (std::size_t i = precisions.size(); i-- > 1;) precisions[i - 1] = std::max(precisions[i - 1], precisions[i]);
    double sum = 0;
    constexpr int kRecalls = 101;
    for (int i = 0; i < kRecalls; ++i) {
      const auto at = std::lower_bound(recalls.begin(), recalls.end(), i / 100.0);
      if (at != recalls.end()) sum += precisions[static_cast<std::size_t>(at - recalls.begin())];
    }
    return sum / kRecalls;
  }

  DetectionDecoder decoder_;
  std::size_t class_output_, box_output_;
  std::vector<std::vector<Judged>> judged_;  // by class
  std::vector<std::int64_t> objects_;        // by class
};

}  // namespace

std::unique_ptr<Evaluation> make_detection_scores(DetectionDecoder decoder, std::size_t class_output,
                                                  std::size_t box_output, std::size_t classes) {
  return std::make_unique<Scores>(std::move(decoder), class_output, box_output, classes);
}

}  // namespace lanewise::accuracy
