// SPDX-License-Identifier: Apache-2.0
#include "nas/space/block_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::nas {
namespace {

using network::ActivationFunction;

// In the order of the words of the property.
constexpr ActivationFunction kActivations[] = {
    ActivationFunction::kRelu, ActivationFunction::kRelu6,   ActivationFunction::kHardSwish, ActivationFunction::kSilu,
    ActivationFunction::kGelu, ActivationFunction::kSigmoid, ActivationFunction::kTanh,      ActivationFunction::kNone};

// What each type of block reads, beyond channels, repeats and stride.
struct TypeRule {
  bool kernel, expansion, groups, ratios, activation, residual;
  bool residual_by_default;
};
constexpr TypeRule kTypes[] = {
    {true, true, false, false, true, true, true},       // ibn
    {true, true, false, false, true, true, true},       // fused_ibn
    {true, true, true, false, true, true, true},        // grouped_ibn
    {true, false, true, false, true, true, false},      // convolution
    {true, false, false, false, true, true, false},     // depthwise_separable
    {true, false, false, true, true, true, true},       // tucker
    {false, false, false, false, false, false, false},  // identity
};

class Planner {
 public:
  Planner(const BlockSettings& settings, Resolver& resolver) : settings_(settings), resolver_(resolver) {}

  NetworkPlan run() {
    NetworkPlan plan;
    plan.batch = resolver_.whole(settings_.batch);
    plan.channels = resolver_.whole(settings_.input_channels);
    plan.size = {resolver_.whole(settings_.height), resolver_.whole(settings_.width)};
    multiplier_ = resolver_.number(settings_.depth_multiplier);
    repeat_multiplier_ = resolver_.number(settings_.repeat_multiplier);
    multiple_ = resolver_.whole(settings_.channel_multiple);
    plan.stem_channels = resolver_.whole(settings_.stem_channels);
    if (plan.stem_channels > 0) {
      plan.stem_channels = scaled(plan.stem_channels, multiplier_);
      plan.stem_kernel = resolver_.pair(settings_.stem_kernel);
      plan.stem_stride = resolver_.pair(settings_.stem_stride);
      plan.stem_activation = activation(settings_.stem_activation);
      plan.stem_padding = static_cast<PaddingRule>(resolver_.whole(settings_.stem_padding));
    }
    std::size_t blocks = 0;
    for (const StageSettings& stage : settings_.stages) {
      plan.stages.push_back(this->stage(stage));
      blocks += static_cast<std::size_t>(plan.stages.back().repeats);
    }
    if (blocks > kMostBlocks) {
      throw Error(fmt::format("{}: a network of {} blocks, at most {} are built", settings_.path, blocks, kMostBlocks));
    }
    plan.head = head();
    return plan;
  }

 private:
  ActivationFunction activation(const Setting& setting) {
    return kActivations[static_cast<std::size_t>(resolver_.whole(setting))];
  }

  // To the nearest multiple, at least one.
  std::int64_t scaled(std::int64_t channels, double multiplier) const {
    if (multiplier == 1 && multiple_ == 1) return channels;
    const auto multiple = static_cast<double>(multiple_);
    const double multiples = std::round(static_cast<double>(channels) * multiplier / multiple);
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(multiples)) * multiple_;
  }

  StagePlan stage(const StageSettings& stage) {
    StagePlan plan;
    if (!resolver_.holds(stage.when)) return plan;
    constexpr double kSlack = 1e-9;  // 3 times 0.1 is a little more than 0.3
    plan.repeats = static_cast<std::int64_t>(
        std::ceil(static_cast<double>(resolver_.whole(stage.repeats)) * repeat_multiplier_ - kSlack));
    if (plan.repeats == 0) return plan;
    plan.present = true;
    plan.type = static_cast<BlockType>(resolver_.whole(stage.type));
    plan.channels = scaled(resolver_.whole(stage.channels), multiplier_ * resolver_.number(stage.depth_multiplier));
    plan.stride = resolver_.pair(stage.stride);
    const TypeRule& rule = kTypes[static_cast<std::size_t>(plan.type)];
    if (rule.kernel) {
      plan.kernel = resolver_.pair(stage.kernel);
      plan.dilation = resolver_.pair(stage.dilation);
      plan.padding = static_cast<PaddingRule>(resolver_.whole(stage.padding));
      plan.squeeze_excite = resolver_.number(stage.squeeze_excite);
    }
    if (rule.expansion) plan.expansion = resolver_.number(stage.expansion);
    if (rule.groups) plan.groups = resolver_.whole(stage.groups);
    if (rule.ratios) {
      plan.input_ratio = resolver_.number(stage.input_ratio);
      plan.output_ratio = resolver_.number(stage.output_ratio);
    }
    if (rule.activation) plan.activation = activation(stage.activation);
    if (rule.residual) {
      const auto residual = static_cast<ResidualRule>(resolver_.whole(stage.residual));
      plan.residual =
          residual == ResidualRule::kWhereEqual || (residual == ResidualRule::kAuto && rule.residual_by_default);
    }
    return plan;
  }

  HeadPlan head() {
    const HeadSettings& head = settings_.head;
    HeadPlan plan;
    plan.type = static_cast<HeadType>(resolver_.whole(head.type));
    if (plan.type == HeadType::kNone) return plan;
    plan.channels = resolver_.whole(head.channels);
    plan.classes = resolver_.whole(head.classes);
    plan.activation = activation(head.activation);
    if (plan.type == HeadType::kClassification) plan.hidden = resolver_.whole(head.hidden);
    if (plan.type == HeadType::kDetection) plan.boxes = resolver_.whole(head.boxes);
    if (plan.type == HeadType::kAnchorFree) plan.layers = resolver_.whole(head.layers);
    if (plan.type == HeadType::kLraspp || plan.type == HeadType::kDeeplab) {
      plan.low = static_cast<std::size_t>(resolver_.whole(head.low));
      plan.output = {resolver_.whole(head.output_height), resolver_.whole(head.output_width)};
    }
    return plan;
  }

  const BlockSettings& settings_;
  Resolver& resolver_;
  double multiplier_ = 1, repeat_multiplier_ = 1;
  std::int64_t multiple_ = 1;
};

}  // namespace

NetworkPlan plan_network(const BlockSettings& settings, Resolver& resolver) {
  return Planner(settings, resolver).run();
}

}  // namespace lanewise::nas
