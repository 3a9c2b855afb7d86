// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/supernet_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/error.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/space/block_plan.hpp"
#include "nas/space/space.hpp"

namespace lanewise::accuracy {
namespace {

using nas::Setting;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using network::TensorRole;

constexpr char kApart = '|';

const char* type_name(nas::BlockType type) {
  switch (type) {
    case nas::BlockType::kIbn:
      return "ibn";
    case nas::BlockType::kFusedIbn:
      return "fused_ibn";
    case nas::BlockType::kGroupedIbn:
      return "grouped_ibn";
    case nas::BlockType::kConvolution:
      return "convolution";
    case nas::BlockType::kDepthwiseSeparable:
      return "depthwise_separable";
    case nas::BlockType::kTucker:
      return "tucker";
    case nas::BlockType::kIdentity:
      return "identity";
  }
  throw InternalError("a type of block has no name");
}

std::string first_part(const std::string& name) { return name.substr(0, name.find('.')); }

// The stage, or the layer outside of stages, whose weights made what an operator reads.
std::string source_of(const network::Graph& graph, const Operator& op) {
  const Operator* at = &op;
  for (;;) {
    if (at->inputs.empty()) return "";
    const network::OperatorId producer = graph.producer(at->inputs.front());
    if (producer == network::kNone) return "";
    at = &graph.op(producer);
    const bool has_weights = at->kind == OperatorKind::kConvolution || at->kind == OperatorKind::kFullyConnected;
    if (has_weights || at->kind == OperatorKind::kElementwise) return first_part(at->name);
  }
}

}  // namespace

const char* to_string(GeneRole role) {
  switch (role) {
    case GeneRole::kChoice:
      return "choice";
    case GeneRole::kDepth:
      return "depth";
    case GeneRole::kExpansion:
      return "expansion";
    case GeneRole::kKernel:
      return "kernel";
    case GeneRole::kWidth:
      return "width";
  }
  throw InternalError("a gene's role has no name");
}

SupernetSpace::SupernetSpace(const std::string& path, const std::string& text, const ApartGenes& apart)
    : description_(nas::parse_space(path, text)) {
  description_.source = text;
  networks_ = nas::make_networks_without_engine(description_);
  find_roles();
  apart_weights_ = indices_of(apart.weights);
  apart_normalizations_ = indices_of(apart.normalizations);
}

std::vector<std::size_t> SupernetSpace::indices_of(const std::vector<std::string>& names) const {
  std::vector<std::string> known;
  for (const nas::Gene& gene : genes()) known.push_back(gene.name);
  std::vector<std::size_t> out;
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      throw Error(fmt::format("space '{}': has no gene '{}' that could have weights of its own{}", description_.name,
                              name, engine::suggestion(name, known)));
    }
    out.push_back(static_cast<std::size_t>(found - known.begin()));
  }
  return out;
}

// A gene is a size where each of its values names a number of its own for a property that is one, and for no other
// kind of property.
void SupernetSpace::take(const Setting& setting, GeneRole role) {
  if (setting.gene == Setting::kNoGene) return;
  const auto gene = static_cast<std::size_t>(setting.gene);
  const auto& values = setting.by_value;
  const auto plain = [](const Setting& value) { return value.gene == Setting::kNoGene && !value.formula; };
  GeneRole found = std::all_of(values.begin(), values.end(), plain) ? role : GeneRole::kChoice;
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  if (found != GeneRole::kChoice) {
    const auto number = [&](int value) { return values[static_cast<std::size_t>(value)].option.numbers; };
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return number(a) < number(b); });
  }
  if (seen_[gene] && (found != roles_[gene] || order != ascending_[gene])) found = GeneRole::kChoice;
  seen_[gene] = true;
  roles_[gene] = found;
  ascending_[gene] = found == GeneRole::kChoice ? std::vector<int>{} : order;
  for (const Setting& value : values) take(value, role);
}

void SupernetSpace::find_roles() {
  const nas::BlockSettings& all = *description_.blocks;
  roles_.assign(genes().size(), GeneRole::kChoice);
  seen_.assign(genes().size(), false);
  ascending_.assign(genes().size(), {});
  for (const Setting* setting : {&all.input_channels, &all.height, &all.width, &all.activation, &all.stem_stride,
                                 &all.stem_activation, &all.stem_padding, &all.channel_multiple}) {
    take(*setting, GeneRole::kChoice);
  }
  take(all.depth_multiplier, GeneRole::kWidth);
  take(all.repeat_multiplier, GeneRole::kDepth);
  take(all.stem_channels, GeneRole::kWidth);
  take(all.stem_kernel, GeneRole::kKernel);
  for (const nas::StageSettings& stage : all.stages) {
    for (const Setting* setting : {&stage.type, &stage.stride, &stage.dilation, &stage.groups, &stage.activation,
                                   &stage.residual, &stage.padding}) {
      take(*setting, GeneRole::kChoice);
    }
    for (const Setting* setting : {&stage.expansion, &stage.squeeze_excite, &stage.input_ratio, &stage.output_ratio}) {
      take(*setting, GeneRole::kExpansion);
    }
    take(stage.kernel, GeneRole::kKernel);
    take(stage.channels, GeneRole::kWidth);
    take(stage.depth_multiplier, GeneRole::kWidth);
    take(stage.repeats, GeneRole::kDepth);
  }
  const nas::HeadSettings& head = all.head;
  for (const Setting* setting :
       {&head.type, &head.classes, &head.activation, &head.boxes, &head.low, &head.output_height, &head.output_width}) {
    take(*setting, GeneRole::kChoice);
  }
  take(head.channels, GeneRole::kWidth);
  take(head.hidden, GeneRole::kWidth);
  take(head.layers, GeneRole::kDepth);
}

network::Graph SupernetSpace::graph(const nas::Genotype& genotype) const {
  return networks_->build(genotype, engine::EngineConfig{});
}

std::string SupernetSpace::without_apart(const std::string& place) { return place.substr(0, place.find(kApart)); }

PlacedNetwork SupernetSpace::place(const nas::Genotype& given) const {
  const nas::Genotype genotype = canonical(given);
  PlacedNetwork out{graph(genotype), {}};
  const std::vector<double> no_engine;
  nas::Resolver resolver(description_.blocks->genes, genotype, &no_engine);
  const nas::NetworkPlan plan = nas::plan_network(*description_.blocks, resolver);
  const auto suffix = [&](const std::vector<std::size_t>& apart) {
    std::string text;
    for (const std::size_t gene : apart) {
      text += fmt::format("{}{}={}", kApart, genes()[gene].name,
                          genes()[gene].values[static_cast<std::size_t>(genotype[gene])]);
    }
    return text;
  };
  const std::string of_weights = suffix(apart_weights_), of_normalizations = suffix(apart_normalizations_);
  out.places.resize(out.graph.tensors().size());
  for (const Operator& op : out.graph.operators()) {
    std::string beside;
    const std::string stage = first_part(op.name);
    for (std::size_t i = 0; i < plan.stages.size(); ++i) {
      if (description_.blocks->stages[i].name == stage) beside = std::string("@") + type_name(plan.stages[i].type);
    }
    if (beside.empty()) beside = "<" + source_of(out.graph, op);
    std::vector<TensorId> weights = op.weights;
    for (const TensorId id : op.inputs) {
      if (out.graph.tensor(id).role == TensorRole::kWeight) weights.push_back(id);
    }
    for (const TensorId id : weights) {
      const network::Tensor& tensor = out.graph.tensor(id);
      std::string& place = out.places[static_cast<std::size_t>(id)];
      if (!place.empty()) continue;
      place = tensor.name + beside;
      const bool is_convolution = op.kind == OperatorKind::kConvolution && tensor.shape.size() == 4;
      if (is_convolution && op.groups > 1 && tensor.shape[1] > 1) place += fmt::format("/{}", op.groups);
      place += of_weights;
      if (op.kind == OperatorKind::kBatchNormalization) place += of_normalizations;
    }
  }
  return out;
}

}  // namespace lanewise::accuracy
