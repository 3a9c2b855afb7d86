// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/segmentation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

using torch::Tensor;
namespace functional = torch::nn::functional;

// The scores of every pixel of the mask.
Tensor enlarged(const Tensor& scores, std::int64_t height, std::int64_t width) {
  if (scores.size(2) == height && scores.size(3) == width) return scores;
  return functional::interpolate(scores, functional::InterpolateFuncOptions()
                                             .size(std::vector<std::int64_t>{height, width})
                                             .mode(torch::kBilinear)
                                             .align_corners(false));
}

// Summed over the pixels that are not ignored.
Tensor pixel_losses(const Tensor& scores, const Tensor& masks, double label_smoothing) {
  return functional::cross_entropy(scores, masks,
                                   functional::CrossEntropyFuncOptions()
                                       .ignore_index(Dataset::kIgnored)
                                       .label_smoothing(label_smoothing)
                                       .reduction(torch::kSum));
}

Tensor masks_of(const Dataset& batch) {
  const Tensor masks = torch::empty({batch.images(), batch.height, batch.width}, torch::kInt64);
  std::copy(batch.masks.begin(), batch.masks.end(), masks.data_ptr<std::int64_t>());
  return masks;
}

// Pixels by their class and the class that they were given.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(std::size_t classes) : classes_(classes), counts_(classes * classes, 0) {}
  void add(const std::vector<std::uint8_t>& predicted, const std::vector<std::uint8_t>& masks) {
    for (std::size_t i = 0; i < masks.size(); ++i) {
      if (masks[i] != Dataset::kIgnored) ++counts_[masks[i] * classes_ + predicted[i]];
    }
  }
  // Classes that are neither there nor predicted are left out.
  double mean_iou() const {
    double sum = 0;
    int seen = 0;
    for (std::size_t k = 0; k < classes_; ++k) {
      double all = 0;
      for (std::size_t other = 0; other < classes_; ++other) all += count(k, other) + count(other, k);
      if (all == 0) continue;
      sum += count(k, k) / (all - count(k, k));
      ++seen;
    }
    return seen > 0 ? sum / seen : 0;
  }
  double pixel_accuracy() const {
    double right = 0, all = 0;
    for (std::size_t k = 0; k < classes_; ++k) {
      right += count(k, k);
      for (std::size_t other = 0; other < classes_; ++other) all += count(k, other);
    }
    return all > 0 ? right / all : 0;
  }

 private:
  double count(std::size_t is, std::size_t chosen) const { return static_cast<double>(counts_[is * classes_ + chosen]); }
  std::size_t classes_;
  std::vector<std::int64_t> counts_;
};

class SegmentationEvaluation final : public Evaluation {
 public:
  explicit SegmentationEvaluation(std::size_t classes) : confusion_(classes) {}

  void add(const std::vector<Tensor>& outputs, const Dataset& batch) override {
    const Tensor scores = enlarged(outputs.front(), batch.height, batch.width);
    const Tensor chosen = scores.argmax(1).to(torch::kUInt8).contiguous();
    const std::uint8_t* first = chosen.data_ptr<std::uint8_t>();
    confusion_.add({first, first + chosen.numel()}, batch.masks);
    const Tensor masks = masks_of(batch);
    loss_ += pixel_losses(scores, masks, 0).item<double>();
    pixels_ += (masks != Dataset::kIgnored).sum().item<double>();
  }

  std::vector<Metric> metrics() override {
    return {{"miou", confusion_.mean_iou(),
             "intersection of predicted and true pixels over their union, of all images together, the mean over classes"},
            {"pixel_accuracy", confusion_.pixel_accuracy(), "share of pixels whose likeliest class is theirs"},
            {"loss", loss_ / std::max(1.0, pixels_), "mean cross-entropy of a pixel in nats, without label smoothing",
             false}};
  }

 private:
  ConfusionMatrix confusion_;
  double loss_ = 0, pixels_ = 0;
};

class Segmentation final : public Objective {
 public:
  Segmentation(std::size_t classes, double label_smoothing) : classes_(classes), label_smoothing_(label_smoothing) {}

  std::vector<Tensor> targets(const Dataset& batch) const override { return {masks_of(batch)}; }

  Tensor loss(const std::vector<Tensor>& outputs, const std::vector<Tensor>& targets) const override {
    const Tensor& masks = targets.front();
    const Tensor scores = enlarged(outputs.front(), masks.size(1), masks.size(2));
    const Tensor counted = (masks != Dataset::kIgnored).sum().clamp_min(1);
    return pixel_losses(scores, masks, label_smoothing_) / counted;
  }

  std::unique_ptr<Evaluation> evaluation() const override { return std::make_unique<SegmentationEvaluation>(classes_); }
  std::string main_metric() const override { return "miou"; }

 private:
  std::size_t classes_;
  double label_smoothing_;
};

}  // namespace

std::unique_ptr<Objective> make_segmentation(const network::Graph& graph, const Dataset& data, const Recipe& recipe) {
  const auto classes = static_cast<std::int64_t>(data.classes.size());
  std::string outputs;
  for (const network::TensorId id : graph.outputs()) {
    const network::Tensor& tensor = graph.tensor(id);
    outputs += fmt::format("{}'{}' [{}]", outputs.empty() ? "" : ", ", tensor.name, fmt::join(tensor.shape, ", "));
  }
  const std::vector<std::int64_t>& shape = graph.tensor(graph.outputs().front()).shape;
  if (graph.outputs().size() != 1 || shape.size() != 4 || shape[1] != classes) {
    throw Error(fmt::format("network '{}': outputs {}: the {} classes of the data, the background included where there is "
                            "one, need one output [batch, {}, rows, columns]",
                            graph.name(), outputs, classes, classes));
  }
  return std::make_unique<Segmentation>(data.classes.size(), recipe.label_smoothing);
}

}  // namespace lanewise::accuracy
