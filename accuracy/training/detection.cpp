// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/detection.hpp"

#include <algorithm>

#include "accuracy/training/detection_decoding.hpp"
#include "accuracy/training/detection_loss.hpp"
#include "accuracy/training/detection_scores.hpp"

namespace lanewise::accuracy {
namespace {

using torch::Tensor;
using torch::indexing::None;
using torch::indexing::Slice;

class DetectionObjective final : public Objective {
 public:
  DetectionObjective(DetectionHead head, const Recipe& recipe, std::size_t classes)
      : head_(std::move(head)), nearest_cell_(recipe.nearest_cell), classes_(classes) {
    limits_.candidates = recipe.candidates;
    limits_.detections = recipe.detections;
    if (has_anchors()) {
      anchors_ = anchors_of(head_);
      return;
    }
    cells_ = cells_of(head_);
    cell_values_ = torch::empty({head_.positions(), 4});
    float* value = cell_values_.data_ptr<float>();
    for (const Cell& cell : cells_) {
      for (const float each : {cell.x, cell.y, cell.scale_x, cell.scale_y}) *value++ = each;
    }
  }

  // Labels [images, positions] and, at positions with an object, its offsets or its edges [images, positions, 4].
  std::vector<Tensor> targets(const Dataset& batch) const override {
    const std::int64_t images = batch.images(), positions = head_.positions();
    const Tensor labels = torch::empty({images, positions}, torch::kInt64);
    const Tensor values = torch::zeros({images, positions, 4});
    std::int64_t* label = labels.data_ptr<std::int64_t>();
    float* value = values.data_ptr<float>();
    for (std::int64_t image = 0; image < images; ++image) {
      const std::vector<Box>& objects = batch.boxes[static_cast<std::size_t>(image)];
      const std::vector<PositionTarget> targets =
          has_anchors() ? match_anchors(anchors_, objects) : match_cells(head_, cells_, objects, nearest_cell_);
      for (std::size_t i = 0; i < targets.size(); ++i, value += 4) {
        *label++ = targets[i].label;
        if (targets[i].label < 0) continue;
        const Box& box = targets[i].box;
        const std::array<float, 4> wanted = has_anchors()
                                                ? offsets_of(box, anchors_[i])
                                                : std::array<float, 4>{box.left, box.top, box.right, box.bottom};
        std::copy(wanted.begin(), wanted.end(), value);
      }
    }
    return {labels, values};
  }

  Tensor loss(const std::vector<Tensor>& outputs, const std::vector<Tensor>& targets) const override {
    const Tensor logits = outputs[head_.class_output], boxes = outputs[head_.box_output];
    const Tensor &labels = targets[0], &wanted = targets[1];
    const Tensor positive = labels >= 0;
    const Tensor count = positive.sum().clamp_min(1);
    const Tensor found = positive.nonzero();
    const Tensor image = found.select(1, 0), position = found.select(1, 1);
    Tensor box_loss;
    if (has_anchors()) {
      box_loss = torch::smooth_l1_loss(boxes.index({image, position}), wanted.index({image, position}),
                                       at::Reduction::Sum) /
                 count;
    } else {
      const Tensor box = corners(boxes.index({image, position}), position);
      box_loss = 2 * (1 - generalised_iou(box, wanted.index({image, position}))).sum() / count;
    }
    return class_loss(logits, labels, positive) / count + box_loss;
  }

  std::unique_ptr<Evaluation> evaluation() const override {
    return make_detection_scores(DetectionDecoder(head_, limits_), head_.class_output, head_.box_output, classes_);
  }

  std::string main_metric() const override { return "map50_95"; }

  // Rare positions have an object: scores begin low, so that the first steps are not spent on learning that.
  void initialise(const network::Graph&, const std::function<Tensor(network::TensorId)>& weight) const override {
    constexpr double kFirstLogit = -3;
    if (head_.has_background) return;
    const torch::NoGradGuard no_gradients;
    for (const network::TensorId id : head_.class_biases) weight(id).fill_(kFirstLogit);
  }

 private:
  bool has_anchors() const { return head_.coding == DetectionHead::Coding::kOffsets; }

  // Summed over positions and classes.
  Tensor class_loss(const Tensor& logits, const Tensor& labels, const Tensor& positive) const {
    if (head_.has_background) return hard_negative_loss(logits, labels);
    const Tensor ones = torch::zeros_like(logits).scatter_(2, labels.clamp_min(0).unsqueeze(2),
                                                           positive.unsqueeze(2).to(logits.dtype()));
    return (focal_loss(logits, ones) * (labels != PositionTarget::kIgnored).unsqueeze(2)).sum();
  }

  // Left, top, right, bottom of what was written at these positions.
  Tensor corners(const Tensor& distances, const Tensor& position) const {
    const Tensor cell = cell_values_.to(distances.device()).index({position});
    const Tensor length = distances.clamp(kLeastDistance, kMostDistance).exp();
    const Tensor centre = cell.index({Slice(), Slice(None, 2)}), scale = cell.index({Slice(), Slice(2, None)});
    return torch::cat({centre - length.index({Slice(), Slice(None, 2)}) * scale,
                       centre + length.index({Slice(), Slice(2, None)}) * scale},
                      1);
  }

  DetectionHead head_;
  bool nearest_cell_;
  std::size_t classes_;
  DecodingLimits limits_;
  std::vector<Anchor> anchors_;  // or
  std::vector<Cell> cells_;
  Tensor cell_values_;  // [positions, 4]: centre and scale
};

}  // namespace

std::unique_ptr<Objective> make_detection(const network::Graph& graph, const Dataset& data, const Recipe& recipe) {
  return std::make_unique<DetectionObjective>(
      read_detection_head(graph, static_cast<std::int64_t>(data.classes.size())), recipe, data.classes.size());
}

}  // namespace lanewise::accuracy
