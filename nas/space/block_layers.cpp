// SPDX-License-Identifier: Apache-2.0
#include "nas/space/block_layers.hpp"

#include <algorithm>
#include <cmath>

namespace lanewise::nas {
namespace {

constexpr const char* kStem = "stem";
constexpr const char* kHead = "head";

// All numbers that a setting can be. Of a formula, the ends of what the property allows.
void collect(const Setting& setting, std::vector<double>& numbers) {
  for (const Setting& value : setting.by_value) collect(value, numbers);
  if (setting.gene != Setting::kNoGene) return;
  if (setting.formula) {
    numbers.push_back(setting.rule->low);
    numbers.push_back(setting.rule->high);
  } else {
    numbers.push_back(setting.option.numbers[0]);
  }
}

std::vector<double> numbers_of(const Setting& setting) {
  std::vector<double> numbers;
  collect(setting, numbers);
  return numbers;
}

double largest(const Setting& setting) {
  const std::vector<double> numbers = numbers_of(setting);
  return *std::max_element(numbers.begin(), numbers.end());
}

bool may_be_other_than(const Setting& setting, double value) {
  const std::vector<double> numbers = numbers_of(setting);
  return std::any_of(numbers.begin(), numbers.end(), [&](double number) { return number != value; });
}

// What a head is made of, as far as it decides which layers there are.
struct HeadParts {
  HeadType type = HeadType::kNone;
  bool channels = false, hidden = false, joins = false;  // joins: a finer map, in DeepLab
  std::int64_t layers = 0;
};

// Takes layers in the order of the network; a name that is there already stays where it is.
class LayerList {
 public:
  std::vector<SpaceLayer> layers;

  void add(const std::string& name, const std::string& block, const std::string& stage, bool spared = false) {
    if (seen_.insert(name).second) layers.push_back({name, name, block, stage, spared, 0});
  }

  void block(const std::string& stage, std::int64_t number, BlockType type, bool expands, bool excites) {
    const std::string block = stage + "." + std::to_string(number);
    const auto layer = [&](const char* role, bool spared = false) { add(block + role, block, stage, spared); };
    const auto excite = [&] {
      if (!excites) return;
      layer(".se.reduce");
      layer(".se.expand");
    };
    switch (type) {
      case BlockType::kIbn:
        if (expands) layer(".expand");
        layer(".depthwise", true);
        excite();
        return layer(".project");
      case BlockType::kFusedIbn:
      case BlockType::kGroupedIbn:
        layer(".expand");
        excite();
        return layer(".project");
      case BlockType::kConvolution:
        layer(".conv");
        return excite();
      case BlockType::kDepthwiseSeparable:
        layer(".depthwise", true);
        excite();
        return layer(".pointwise");
      case BlockType::kTucker:
        layer(".reduce");
        layer(".conv");
        excite();
        return layer(".project");
      case BlockType::kIdentity:
        return layer(".project");
    }
  }

  void head(const HeadSettings& head, const HeadParts& parts) {
    const auto layer = [&](const std::string& name, bool spared = false) { add(name, kHead, kHead, spared); };
    const auto separable = [&](const std::string& name) {
      layer(name + ".depthwise", true);
      layer(name + ".pointwise");
    };
    const bool detects = parts.type == HeadType::kDetection || parts.type == HeadType::kAnchorFree;
    for (std::size_t i = 0; detects && i < head.extra.size(); ++i) {
      layer("extra" + std::to_string(i) + ".reduce");
      separable("extra" + std::to_string(i));
    }
    for (std::size_t i = 0; detects && i < head.from.size() + head.extra.size(); ++i) {
      const std::string name = "predictor" + std::to_string(i);
      if (parts.type == HeadType::kDetection) {
        if (parts.channels) layer(name + ".neck");
        separable(name + ".classes");
        separable(name + ".boxes");
        continue;
      }
      for (std::int64_t n = 0; n < parts.layers; ++n) separable(name + ".layer" + std::to_string(n));
      layer(name + ".classes");
      layer(name + ".distances");
    }
    if (parts.type == HeadType::kClassification) {
      if (parts.channels) layer("head");
      if (parts.hidden) layer("hidden");
      layer("classifier");
    } else if (parts.type == HeadType::kLraspp) {
      for (const char* name : {"aspp", "aspp.gate", "high.classes", "low.classes"}) layer(name);
    } else if (parts.type == HeadType::kDeeplab) {
      layer("aspp.point");
      for (const std::int64_t rate : head.rates) separable("aspp.rate" + std::to_string(rate));
      layer("aspp.image");
      layer("aspp.project");
      if (parts.joins) {
        layer("low.project");
        separable("decoder");
      }
      layer("classes");
    }
  }

 private:
  std::set<std::string> seen_;
};

}  // namespace

std::vector<SpaceLayer> block_layers(const BlockSettings& settings) {
  LayerList list;
  if (largest(settings.stem_channels) > 0) list.add(kStem, kStem, kStem, true);
  const double times = largest(settings.repeat_multiplier);
  for (const StageSettings& stage : settings.stages) {
    constexpr double kSlack = 1e-9;  // as the planner rounds
    const auto most = static_cast<std::int64_t>(std::ceil(largest(stage.repeats) * times - kSlack));
    const bool expands = may_be_other_than(stage.expansion, 1), excites = may_be_other_than(stage.squeeze_excite, 0);
    for (std::int64_t i = 0; i < std::min<std::int64_t>(most, kMostBlocks); ++i) {
      for (const double type : numbers_of(stage.type)) {
        list.block(stage.name, i, static_cast<BlockType>(std::llround(type)), expands, excites);
      }
    }
  }
  for (const double type : numbers_of(settings.head.type)) {
    HeadParts parts{static_cast<HeadType>(std::llround(type)), false, false, true, 0};
    if (parts.type == HeadType::kNone) continue;
    parts.channels = largest(settings.head.channels) > 0;
    parts.hidden = largest(settings.head.hidden) > 0;
    parts.layers = static_cast<std::int64_t>(largest(settings.head.layers));
    list.head(settings.head, parts);
  }
  return std::move(list.layers);
}

std::set<std::string> layers_of(const BlockSettings& settings, const NetworkPlan& plan) {
  LayerList list;
  if (plan.stem_channels > 0) list.add(kStem, kStem, kStem, true);
  for (std::size_t s = 0; s < plan.stages.size(); ++s) {
    const StagePlan& stage = plan.stages[s];
    for (std::int64_t i = 0; stage.present && i < stage.repeats; ++i) {
      list.block(settings.stages[s].name, i, stage.type, stage.expansion != 1, stage.squeeze_excite > 0);
    }
  }
  const HeadPlan& head = plan.head;
  list.head(settings.head,
            {head.type, head.channels > 0, head.hidden > 0, head.low + 1 < plan.stages.size(), head.layers});
  std::set<std::string> names;
  for (const SpaceLayer& layer : list.layers) names.insert(layer.name);
  return names;
}

}  // namespace lanewise::nas
