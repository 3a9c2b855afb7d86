// SPDX-License-Identifier: Apache-2.0
#include "accuracy/scores/block_spans.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace lanewise::accuracy {
namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorId;
using network::OperatorKind;
using network::TensorId;

std::int64_t positions(const Graph& graph, TensorId id) {
  const auto& shape = graph.tensor(id).shape;
  if (shape.size() == 4) return shape[2] * shape[3];
  return shape.size() == 3 ? shape[1] : 1;
}

bool is_weighted(const Operator& op) {
  return (op.kind == OperatorKind::kConvolution || op.kind == OperatorKind::kFullyConnected) && !op.weights.empty();
}

// Whether the network's inputs are maps, so that a layer on a vector comes behind a mean.
bool has_maps(const Graph& graph) {
  return std::any_of(graph.inputs().begin(), graph.inputs().end(),
                     [&](TensorId id) { return positions(graph, id) > 1; });
}

// Joins operators into groups.
class Groups {
 public:
  explicit Groups(std::size_t operators) : parent_(operators) { std::iota(parent_.begin(), parent_.end(), 0); }
  int of(int op) {
    while (parent_[static_cast<std::size_t>(op)] != op) op = parent_[static_cast<std::size_t>(op)];
    return op;
  }
  void join(int a, int b) { parent_[static_cast<std::size_t>(std::max(of(a), of(b)))] = std::min(of(a), of(b)); }

 private:
  std::vector<int> parent_;
};

// By group, the operators of the blocks, ascending.
std::vector<std::vector<OperatorId>> grouped(const Graph& graph) {
  Groups groups(graph.operators().size());
  std::vector<bool> in_block(graph.operators().size(), false);
  for (const network::Block& block : graph.blocks()) {
    for (const OperatorId op : block.operators) {
      groups.join(op, block.operators.front());
      in_block[static_cast<std::size_t>(op)] = true;
    }
  }
  const bool maps = has_maps(graph);
  std::map<int, std::vector<OperatorId>> members;
  for (OperatorId id = 0; id < static_cast<OperatorId>(graph.operators().size()); ++id) {
    const Operator& op = graph.op(id);
    const bool on_map = !maps || positions(graph, op.outputs[0]) > 1;
    if (in_block[static_cast<std::size_t>(id)] || (is_weighted(op) && on_map)) members[groups.of(id)].push_back(id);
  }
  std::vector<std::vector<OperatorId>> out;
  for (auto& [first, ids] : members) {
    const auto is_map_layer = [&](OperatorId id) {
      return is_weighted(graph.op(id)) && (!maps || positions(graph, graph.op(id).outputs[0]) > 1);
    };
    if (std::any_of(ids.begin(), ids.end(), is_map_layer)) out.push_back(std::move(ids));
  }
  return out;
}

// Behind the normalization and activation that follow a tensor alone.
TensorId behind_followers(const Graph& graph, TensorId id) {
  while (!graph.is_output(id) && graph.consumers(id).size() == 1) {
    const Operator& reader = graph.op(graph.consumers(id)[0]);
    const bool follows = reader.kind == OperatorKind::kBatchNormalization || reader.kind == OperatorKind::kActivation ||
                         (reader.kind == OperatorKind::kElementwise && reader.inputs.size() == 1);
    if (!follows) break;
    id = reader.outputs[0];
  }
  return id;
}

BlockSpan span_of(const Graph& graph, const std::vector<OperatorId>& ids) {
  const auto inside = [&](OperatorId id) { return std::binary_search(ids.begin(), ids.end(), id); };
  BlockSpan span;
  OperatorId last_producer = kNone - 1;
  for (const OperatorId id : ids) {
    for (const TensorId input : graph.op(id).inputs) {
      const OperatorId producer = graph.producer(input);
      if (producer != kNone && inside(producer)) continue;
      if (producer > last_producer) {
        last_producer = producer;
        span.input = input;
      }
    }
    for (const TensorId output : graph.op(id).outputs) {
      const auto& readers = graph.consumers(output);
      if (graph.is_output(output) ||
          std::any_of(readers.begin(), readers.end(), [&](OperatorId reader) { return !inside(reader); })) {
        span.output = output;
      }
    }
  }
  if (span.output != kNone) span.output = behind_followers(graph, span.output);
  return span;
}

bool is_global_pool(const Graph& graph, const Operator& op) {
  const bool pools = op.kind == OperatorKind::kGlobalAveragePool || op.kind == OperatorKind::kGlobalMaxPool ||
                     op.kind == OperatorKind::kReduce || op.kind == OperatorKind::kAveragePool;
  return pools && positions(graph, op.inputs[0]) > 1 && positions(graph, op.outputs[0]) == 1;
}

}  // namespace

std::vector<BlockSpan> block_spans(const Graph& graph) {
  std::vector<BlockSpan> out;
  for (const auto& ids : grouped(graph)) {
    const BlockSpan span = span_of(graph, ids);
    if (span.input == kNone || span.output == kNone) continue;
    // The classifier of a network without maps.
    if (!has_maps(graph) && graph.is_output(span.output)) continue;
    out.push_back(span);
  }
  std::stable_sort(out.begin(), out.end(), [&](const BlockSpan& a, const BlockSpan& b) {
    return graph.producer(a.output) < graph.producer(b.output);
  });
  return out;
}

TensorId pooled_features(const Graph& graph) {
  if (graph.outputs().size() != 1) return kNone;
  TensorId id = graph.outputs()[0];
  while (true) {
    const OperatorId producer = graph.producer(id);
    if (producer == kNone) return kNone;
    const Operator& op = graph.op(producer);
    if (op.inputs.size() != 1) return kNone;
    if (is_global_pool(graph, op)) return op.inputs[0];
    if (positions(graph, op.outputs[0]) > 1) return kNone;
    id = op.inputs[0];
  }
}

}  // namespace lanewise::accuracy
