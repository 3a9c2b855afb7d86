// SPDX-License-Identifier: Apache-2.0
// What stands behind the stages: classifiers, detectors, segmenters.
#include <algorithm>

#include "nas/space/block_graph.hpp"
#include "nas/space/layers.hpp"

namespace lanewise::nas {
namespace {

using network::ActivationFunction;
using network::ElementwiseFunction;
using network::TensorId;

LayerShape depthwise(std::int64_t channels, std::int64_t stride = 1, std::int64_t dilation = 1) {
  LayerShape shape;
  shape.kernel = {3, 3};
  shape.stride = {stride, stride};
  shape.dilation = {dilation, dilation};
  shape.groups = channels;
  return shape;
}

class HeadBuilder {
 public:
  HeadBuilder(const BlockSettings& settings, const NetworkPlan& plan, Layers& layers)
      : settings_(settings), plan_(plan), head_(plan.head), layers_(layers) {}

  void classification(TensorId at) {
    if (head_.channels > 0) at = layers_.convolution("head", at, head_.channels, {}, head_.activation);
    at = layers_.global_average("pool", at);
    at = layers_.reshape("flatten", at, {layers_.shape(at)[0], layers_.channels(at)});
    if (head_.hidden > 0) {
      at = layers_.fully_connected("hidden", at, head_.hidden);
      at = layers_.activation("hidden.act", at, head_.activation);
    }
    layers_.output(layers_.fully_connected("classifier", at, head_.classes), "logits");
  }

  // SSDLite: a depthwise and a 1x1 convolution for the classes, and for the boxes, over each map.
  void detection(const std::vector<TensorId>& stages) {
    const std::vector<TensorId> maps = read_maps(stages);
    std::vector<TensorId> classes, boxes;
    for (std::size_t i = 0; i < maps.size(); ++i) {
      const std::string name = "predictor" + std::to_string(i);
      TensorId map = maps[i];
      if (head_.channels > 0) map = layers_.convolution(name + ".neck", map, head_.channels, {}, head_.activation);
      classes.push_back(predictor(name + ".classes", map, head_.classes));
      boxes.push_back(predictor(name + ".boxes", map, 4));
    }
    layers_.output(layers_.concat("classes", classes, 1), "class_logits");
    layers_.output(layers_.concat("boxes", boxes, 1), "box_offsets");
  }

  // Without anchors, as FCOS: layers that classes and distances share over each map, then a 1x1 convolution for either.
  void anchor_free(const std::vector<TensorId>& stages) {
    const std::vector<TensorId> maps = read_maps(stages);
    std::vector<TensorId> classes, distances;
    for (std::size_t i = 0; i < maps.size(); ++i) {
      const std::string name = "predictor" + std::to_string(i);
      TensorId at = maps[i];
      for (std::int64_t layer = 0; layer < head_.layers; ++layer) {
        const std::string part = name + ".layer" + std::to_string(layer);
        const std::int64_t in = layers_.channels(at);
        at = layers_.convolution(part + ".depthwise", at, in, depthwise(in), head_.activation);
        at = layers_.convolution(part + ".pointwise", at, width(), {}, head_.activation);
      }
      classes.push_back(values(name + ".classes", layers_.pointwise(name + ".classes", at, head_.classes), 1));
      distances.push_back(values(name + ".distances", layers_.pointwise(name + ".distances", at, 4), 1));
    }
    layers_.output(layers_.concat("classes", classes, 1), "class_logits");
    layers_.output(layers_.concat("distances", distances, 1), "box_distances");
  }

  void lraspp(TensorId low, TensorId high) {
    const std::int64_t channels = width();
    const TensorId branch = layers_.convolution("aspp", high, channels, {}, head_.activation);
    TensorId gate = layers_.pointwise("aspp.gate", layers_.global_average("aspp.pool", high), channels);
    gate = layers_.activation("aspp.sigmoid", gate, ActivationFunction::kSigmoid);
    TensorId at = layers_.elementwise("aspp.scale", branch, gate, ElementwiseFunction::kMultiply);
    at = layers_.pointwise("high.classes", layers_.resize("high.resize", at, layers_.size(low)), head_.classes);
    const TensorId fine = layers_.pointwise("low.classes", low, head_.classes);
    segments(layers_.elementwise("classes.add", at, fine, ElementwiseFunction::kAdd));
  }

  // Atrous spatial pyramid pooling with depthwise-separable branches.
  void deeplab(TensorId low, TensorId high) {
    const std::int64_t channels = width();
    const ActivationFunction act = head_.activation;
    std::vector<TensorId> parts = {layers_.convolution("aspp.point", high, channels, {}, act)};
    for (const std::int64_t rate : settings_.head.rates) {
      const std::string name = "aspp.rate" + std::to_string(rate);
      const std::int64_t in = layers_.channels(high);
      const TensorId at = layers_.convolution(name + ".depthwise", high, in, depthwise(in, 1, rate), act);
      parts.push_back(layers_.convolution(name + ".pointwise", at, channels, {}, act));
    }
    const TensorId pooled =
        layers_.convolution("aspp.image", layers_.global_average("aspp.pool", high), channels, {}, act);
    parts.push_back(layers_.resize("aspp.image.resize", pooled, layers_.size(high)));
    TensorId at = layers_.convolution("aspp.project", layers_.concat("aspp.concat", parts, 1), channels, {}, act);
    if (low != high) {
      constexpr std::int64_t kLowChannels = 48;  // as DeepLabv3+ has
      at = layers_.resize("high.resize", at, layers_.size(low));
      const TensorId fine = layers_.convolution("low.project", low, kLowChannels, {}, act);
      at = layers_.concat("low.concat", {at, fine}, 1);
      const std::int64_t in = layers_.channels(at);
      at = layers_.convolution("decoder.depthwise", at, in, depthwise(in), act);
      at = layers_.convolution("decoder.pointwise", at, channels, {}, act);
    }
    segments(layers_.pointwise("classes", at, head_.classes));
  }

 private:
  // What a detector reads: maps of stages, then those of extra layers behind the last stage.
  std::vector<TensorId> read_maps(const std::vector<TensorId>& stages) {
    std::vector<TensorId> maps;
    for (const std::size_t stage : settings_.head.from) maps.push_back(stages[stage]);
    TensorId at = stages.back();
    for (std::size_t i = 0; i < settings_.head.extra.size(); ++i) {
      const std::string name = "extra" + std::to_string(i);
      const std::int64_t channels = settings_.head.extra[i];
      const std::int64_t half = std::max<std::int64_t>(1, channels / 2);
      at = layers_.convolution(name + ".reduce", at, half, {}, head_.activation);
      at = layers_.convolution(name + ".depthwise", at, half, depthwise(half, 2), head_.activation);
      at = layers_.convolution(name + ".pointwise", at, channels, {}, head_.activation);
      maps.push_back(at);
    }
    return maps;
  }

  TensorId predictor(const std::string& name, TensorId map, std::int64_t count) {
    const std::int64_t channels = layers_.channels(map);
    TensorId at = layers_.convolution(name + ".depthwise", map, channels, depthwise(channels), head_.activation);
    return values(name, layers_.pointwise(name + ".pointwise", at, head_.boxes * count), head_.boxes);
  }

  // From a map of `boxes` boxes a position to [batch, positions x boxes, values].
  TensorId values(const std::string& name, TensorId map, std::int64_t boxes) {
    const Pair size = layers_.size(map);
    const std::int64_t count = layers_.channels(map) / boxes;
    const TensorId at = layers_.transpose(name + ".transpose", map, {0, 2, 3, 1});
    return layers_.reshape(name + ".reshape", at, {plan_.batch, size[0] * size[1] * boxes, count});
  }

  std::int64_t width() const {
    constexpr std::int64_t kUsual = 128;
    return head_.channels > 0 ? head_.channels : kUsual;
  }

  void segments(TensorId at) {
    const Pair size{head_.output[0] > 0 ? head_.output[0] : plan_.size[0],
                    head_.output[1] > 0 ? head_.output[1] : plan_.size[1]};
    layers_.output(layers_.resize("resize", at, size), "segments");
  }

  const BlockSettings& settings_;
  const NetworkPlan& plan_;
  const HeadPlan& head_;
  Layers& layers_;
};

}  // namespace

void build_head(const BlockSettings& settings, const NetworkPlan& plan, const std::vector<TensorId>& stages,
                Layers& layers) {
  HeadBuilder builder(settings, plan, layers);
  switch (plan.head.type) {
    case HeadType::kClassification:
      return builder.classification(stages.back());
    case HeadType::kDetection:
      return builder.detection(stages);
    case HeadType::kAnchorFree:
      return builder.anchor_free(stages);
    case HeadType::kLraspp:
      return builder.lraspp(stages[plan.head.low], stages.back());
    case HeadType::kDeeplab:
      return builder.deeplab(stages[plan.head.low], stages.back());
    case HeadType::kNone:
      return layers.output(stages.back(), "features");
  }
}

}  // namespace lanewise::nas
