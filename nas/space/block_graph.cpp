// SPDX-License-Identifier: Apache-2.0
#include "nas/space/block_graph.hpp"

#include <algorithm>
#include <cmath>

#include "nas/space/layers.hpp"

namespace lanewise::nas {
namespace {

using network::ActivationFunction;
using network::ElementwiseFunction;
using network::TensorId;

std::int64_t part(std::int64_t channels, double ratio) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(channels) * ratio));
}

// The gate goes with the activation: a hard one where that is piecewise too.
ActivationFunction gate_of(ActivationFunction activation) {
  return activation == ActivationFunction::kHardSwish ? ActivationFunction::kHardSigmoid : ActivationFunction::kSigmoid;
}

class BlockBuilder {
 public:
  BlockBuilder(const StagePlan& plan, Layers& layers, std::string name, bool first)
      : plan_(plan), layers_(layers), name_(std::move(name)), stride_(first ? plan.stride : Pair{1, 1}) {}

  TensorId build(TensorId from) {
    const TensorId to = body(from);
    const bool same = stride_ == Pair{1, 1} && layers_.shape(from) == layers_.shape(to) && from != to;
    if (!plan_.residual || !same) return to;
    return layers_.elementwise(name_ + ".add", from, to, ElementwiseFunction::kAdd);
  }

 private:
  TensorId body(TensorId from) {
    const std::int64_t in = layers_.channels(from);
    const ActivationFunction none = ActivationFunction::kNone;
    switch (plan_.type) {
      case BlockType::kIbn: {
        const std::int64_t hidden = part(in, plan_.expansion);
        TensorId at = from;
        if (hidden != in) at = pointwise(".expand", at, hidden, plan_.activation);
        at = excited(spatial(".depthwise", at, hidden, hidden));
        return pointwise(".project", at, plan_.channels, none);
      }
      case BlockType::kFusedIbn:
        return pointwise(".project", excited(spatial(".expand", from, part(in, plan_.expansion), 1)), plan_.channels,
                         none);
      case BlockType::kGroupedIbn: {
        // Whole groups: what is expanded is rounded to a multiple of them.
        const std::int64_t hidden = part(part(in, plan_.expansion), 1.0 / static_cast<double>(plan_.groups));
        const TensorId at = spatial(".expand", from, hidden * plan_.groups, plan_.groups);
        return pointwise(".project", excited(at), plan_.channels, none);
      }
      case BlockType::kConvolution:
        return excited(spatial(".conv", from, plan_.channels, plan_.groups));
      case BlockType::kDepthwiseSeparable:
        return pointwise(".pointwise", excited(spatial(".depthwise", from, in, in)), plan_.channels, plan_.activation);
      case BlockType::kTucker: {
        const TensorId at = pointwise(".reduce", from, part(in, plan_.input_ratio), plan_.activation);
        return pointwise(".project", excited(spatial(".conv", at, part(plan_.channels, plan_.output_ratio), 1)),
                         plan_.channels, none);
      }
      case BlockType::kIdentity:
        break;
    }
    if (in == plan_.channels && stride_ == Pair{1, 1}) return from;
    LayerShape shape;
    shape.stride = stride_;
    return layers_.convolution(name_ + ".project", from, plan_.channels, shape, none);
  }

  TensorId pointwise(const char* role, TensorId from, std::int64_t channels, ActivationFunction activation) {
    return layers_.convolution(name_ + role, from, channels, {}, activation);
  }
  // The layer that has the block's kernel and stride.
  TensorId spatial(const char* role, TensorId from, std::int64_t channels, std::int64_t groups) {
    const LayerShape shape{plan_.kernel, stride_, plan_.dilation, groups, plan_.padding};
    return layers_.convolution(name_ + role, from, channels, shape, plan_.activation);
  }
  TensorId excited(TensorId from) {
    if (plan_.squeeze_excite == 0) return from;
    return layers_.squeeze_excite(name_ + ".se", from, part(layers_.channels(from), plan_.squeeze_excite),
                                  gate_of(plan_.activation));
  }

  const StagePlan& plan_;
  Layers& layers_;
  std::string name_;
  Pair stride_;
};

}  // namespace

network::Graph build_network(const BlockSettings& settings, const NetworkPlan& plan, const std::string& name) {
  Layers layers(name, settings.precision, settings.weight_precision, settings.normalization);
  TensorId at = layers.input("image", plan.batch, plan.channels, plan.size);
  if (plan.stem_channels > 0) {
    const LayerShape shape{plan.stem_kernel, plan.stem_stride, {1, 1}, 1, plan.stem_padding};
    at = layers.convolution("stem", at, plan.stem_channels, shape, plan.stem_activation);
  }
  std::vector<TensorId> stages;
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    const StagePlan& stage = plan.stages[i];
    for (std::int64_t block = 0; block < stage.repeats; ++block) {
      BlockBuilder builder(stage, layers, settings.stages[i].name + "." + std::to_string(block), block == 0);
      at = builder.build(at);
    }
    stages.push_back(at);
  }
  build_head(settings, plan, stages, layers);
  return layers.build();
}

}  // namespace lanewise::nas
