// SPDX-License-Identifier: Apache-2.0
// The layers of a network that moves are made on.
#include <algorithm>

#include "core/network/compression.hpp"
#include "nas/space/move_space.hpp"

namespace lanewise::nas {
namespace {

// The block of the first of these kinds that holds the operator; the layer's own place where there is none.
std::string block_of(const network::Graph& graph, network::OperatorId op, const std::string& place) {
  using Kind = network::BlockKind;
  for (const Kind kind : {Kind::kInvertedBottleneck, Kind::kFusedInvertedBottleneck, Kind::kDepthwiseSeparable,
                          Kind::kResidual, Kind::kSqueezeExcite}) {
    for (const network::Block& block : graph.blocks()) {
      if (block.kind == kind && std::binary_search(block.operators.begin(), block.operators.end(), op)) {
        return block.name;
      }
    }
  }
  return place;
}

std::string stage_of(const network::Graph& graph, const network::Operator& op,
                     const std::vector<network::Stage>& stages) {
  const auto& shape = graph.tensor(op.outputs.at(0)).shape;
  for (const network::Stage& stage : stages) {
    if (shape.size() == 4 && shape[2] == stage.height && shape[3] == stage.width) return stage.name;
  }
  return "rest";
}

}  // namespace

std::vector<SpaceLayer> MoveSpace::layers() const {
  const std::vector<bool> pruned = network::prunable(graph_);
  std::vector<SpaceLayer> layers;
  int convolutions = 0, connected = 0;
  for (std::size_t i = 0; i < graph_.operators().size(); ++i) {
    const network::Operator& op = graph_.operators()[i];
    // Convolutions are numbered as the sites of kernels are, those without a weight of their own included.
    const bool is_convolution = op.kind == network::OperatorKind::kConvolution;
    const int number = is_convolution ? convolutions++ : connected;
    if (!network::has_form(op)) continue;
    if (!is_convolution) ++connected;
    SpaceLayer layer;
    layer.name = op.name;
    layer.place = (is_convolution ? "conv" : "fc") + std::to_string(number);
    layer.block = block_of(graph_, static_cast<network::OperatorId>(i), layer.place);
    layer.stage = stage_of(graph_, op, sites_.stages);
    layer.spared = !pruned[i];
    layer.inputs = network::inputs_per_group(graph_, op);
    layers.push_back(std::move(layer));
  }
  return layers;
}

std::vector<bool> MoveSpace::has_layers(const Genotype& genotype) const {
  const std::vector<bool> gone = dropped(genotype);
  std::vector<bool> fused(gone.size(), false);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].kind != Kind::kFuse || genotype[i] == 0) continue;
    fused[static_cast<std::size_t>(sites_.fusions[entries_[i].site].depthwise)] = true;
  }
  std::vector<bool> has;
  for (std::size_t i = 0; i < gone.size(); ++i) {
    if (network::has_form(graph_.operators()[i])) has.push_back(!gone[i] && !fused[i]);
  }
  return has;
}

}  // namespace lanewise::nas
