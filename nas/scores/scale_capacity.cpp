// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/scale_capacity.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

namespace lanewise::nas {
namespace {

using network::ActivationFunction;
using network::Graph;
using network::Operator;
using network::OperatorId;
using network::OperatorKind;
using network::TensorId;

// A map or a sequence: at how many positions it has a vector, along how many axes, for how many images.
struct Extent {
  std::int64_t positions = 1;
  int axes = 1;
  std::int64_t images = 1;
};

Extent input_extent(const Graph& graph) {
  Extent out;
  for (const TensorId input : graph.inputs()) {
    const auto& shape = graph.tensor(input).shape;
    if (shape.size() < 3) continue;
    out.images = std::max<std::int64_t>(1, shape[0]);
    out.positions = shape.size() == 4 ? shape[2] * shape[3] : shape[1];
    out.axes = shape.size() == 4 && shape[2] > 1 && shape[3] > 1 ? 2 : 1;
    break;
  }
  return out;
}

// Of what an operator writes: of one image.
std::int64_t output_positions(const Graph& graph, const Operator& op, std::int64_t images) {
  const network::Tensor& written = graph.tensor(op.outputs[0]);
  if (op.kind == OperatorKind::kConvolution) return written.shape.size() == 4 ? written.shape[2] * written.shape[3] : 1;
  const std::int64_t features = written.shape.empty() ? 1 : written.shape.back();
  return std::max<std::int64_t>(1, written.elements() / (features * images));
}

// Whether an activation function reads the tensor, at once or through what only scales, shifts or joins it.
bool is_activated(const Graph& graph, TensorId id) {
  std::vector<TensorId> open = {id};
  std::set<TensorId> seen = {id};
  while (!open.empty()) {
    const TensorId at = open.back();
    open.pop_back();
    for (const OperatorId reader : graph.consumers(at)) {
      const Operator& op = graph.op(reader);
      const bool is_cast = op.kind == OperatorKind::kActivation && op.activation == ActivationFunction::kCast;
      if (op.kind == OperatorKind::kActivation && !is_cast) return true;
      const bool is_sum = op.kind == OperatorKind::kElementwise && op.elementwise == network::ElementwiseFunction::kAdd;
      const bool passes = is_cast || is_sum || op.kind == OperatorKind::kBatchNormalization ||
                          op.kind == OperatorKind::kLayerNormalization || op.kind == OperatorKind::kPad;
      if (passes && seen.insert(op.outputs[0]).second) open.push_back(op.outputs[0]);
    }
  }
  return false;
}

struct Layer {
  int octave = 0;
  double macs = 0;  // of one image
  bool activated = false;
};

std::vector<Layer> layers_of(const Graph& graph, const Extent& input) {
  std::vector<Layer> layers;
  for (const Operator& op : graph.operators()) {
    if (op.kind != OperatorKind::kConvolution && op.kind != OperatorKind::kFullyConnected) continue;
    const std::int64_t positions = output_positions(graph, op, input.images);
    if (positions == 1 && input.positions > 1) continue;
    const double octave = std::log2(static_cast<double>(input.positions) / static_cast<double>(positions)) / input.axes;
    layers.push_back({std::max(0, static_cast<int>(std::lround(octave))),
                      static_cast<double>(network::macs(graph, op)) / static_cast<double>(input.images),
                      is_activated(graph, op.outputs[0])});
  }
  return layers;
}

}  // namespace

double scale_capacity(const Graph& graph, const ScaleCapacityShape& shape) {
  const Extent input = input_extent(graph);
  const double least = shape.macs_a_pixel * static_cast<double>(input.positions);
  std::map<int, double> octaves;
  double all = 0, activated = 0;
  int layers = 0, activated_layers = 0;
  for (const Layer& layer : layers_of(graph, input)) {
    octaves[layer.octave] += std::pow(layer.macs / least, shape.power);
    const double logarithm = std::log(std::max(1.0, layer.macs));
    all += logarithm;
    ++layers;
    if (!layer.activated) continue;
    activated += logarithm;
    ++activated_layers;
  }
  if (layers == 0) return 0;
  double score = shape.weakest_weight * (activated_layers > 0 ? activated / activated_layers : all / layers);
  for (const auto& [octave, work] : octaves) score += std::log1p(work);
  return score;
}

double scale_capacity(const Graph& graph) { return scale_capacity(graph, ScaleCapacityShape{}); }

}  // namespace lanewise::nas
