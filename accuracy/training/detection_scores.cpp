// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/detection_scores.hpp"

#include <cmath>

#include "accuracy/metrics/detection.hpp"

namespace lanewise::accuracy {
namespace {

class Scores final : public Evaluation {
 public:
  Scores(DetectionDecoder decoder, std::size_t class_output, std::size_t box_output, std::size_t classes)
      : decoder_(std::move(decoder)), class_output_(class_output), box_output_(box_output) {
    options_.classes = static_cast<int>(classes);
  }

  void add(const std::vector<torch::Tensor>& outputs, const Dataset& batch) override {
    const torch::Tensor logits = outputs[class_output_].contiguous(), boxes = outputs[box_output_].contiguous();
    const std::int64_t values = logits.size(1) * logits.size(2), edges = boxes.size(1) * boxes.size(2);
    for (std::int64_t image = 0; image < batch.images(); ++image) {
      found_.emplace_back();
      for (const FoundBox& each : decoder_.decode(logits.data_ptr<float>() + image * values,
                                                  boxes.data_ptr<float>() + image * edges)) {
        DetectedBox box;
        place(each.box, box);
        box.score = static_cast<double>(each.score);
        found_.back().push_back(box);
      }
      objects_.emplace_back();
      for (const Box& each : batch.boxes[static_cast<std::size_t>(image)]) {
        ObjectBox box;
        place(each, box);
        box.is_crowd = each.is_crowd;
        objects_.back().push_back(box);
      }
    }
  }

  std::vector<Metric> metrics() override {
    DetectionOptions options = options_;
    const DetectionScores coco = score_detections(objects_, found_, options);
    options.definition = ApDefinition::kEnvelope;
    const DetectionScores envelope = score_detections(objects_, found_, options);
    return {{"map50_95", known(coco.map),
             "mean average precision as COCO defines it: over overlaps of .5, .55 to .95 and over classes"},
            {"map50", known(coco.map50), "the same at an overlap of .5"},
            {"map75", known(coco.map75), "the same at an overlap of .75"},
            {"map50_envelope", known(envelope.map50),
             "at an overlap of .5 the area under the envelope of precision over recall, the mean over classes"},
            {"map50_95_envelope", known(envelope.map), "the same over overlaps of .5, .55 to .95"}};
  }

 private:
  template <class To>
  static void place(const Box& from, To& to) {
    to.left = static_cast<double>(from.left);
    to.top = static_cast<double>(from.top);
    to.right = static_cast<double>(from.right);
    to.bottom = static_cast<double>(from.bottom);
    to.label = from.label;
  }
  // Images without any object give no precision: 0.
  static double known(double value) { return std::isnan(value) ? 0 : value; }

  DetectionDecoder decoder_;
  std::size_t class_output_, box_output_;
  DetectionOptions options_;
  std::vector<std::vector<ObjectBox>> objects_;  // [images][...]
  std::vector<std::vector<DetectedBox>> found_;
};

}  // namespace

std::unique_ptr<Evaluation> make_detection_scores(DetectionDecoder decoder, std::size_t class_output,
                                                  std::size_t box_output, std::size_t classes) {
  return std::make_unique<Scores>(std::move(decoder), class_output, box_output, classes);
}

}  // namespace lanewise::accuracy
