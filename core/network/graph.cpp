// SPDX-License-Identifier: Apache-2.0
#include "core/network/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <functional>
#include <queue>
#include <set>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/network/blocks.hpp"

namespace lanewise::network {

namespace {

using Dependencies = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

std::vector<OperatorId> find_producers(const std::string& graph, const std::vector<Tensor>& tensors,
                                       const std::vector<Operator>& operators) {
  std::vector<OperatorId> producers(tensors.size(), kNone);
  for (std::size_t i = 0; i < operators.size(); ++i) {
    for (const TensorId output : operators[i].outputs) {
      OperatorId& producer = producers.at(static_cast<std::size_t>(output));
      const Tensor& tensor = tensors[static_cast<std::size_t>(output)];
      if (producer != kNone) {
        throw Error(fmt::format("network '{}': tensor '{}' is produced by both '{}' and '{}'", graph, tensor.name,
                                operators[static_cast<std::size_t>(producer)].name, operators[i].name));
      }
      if (tensor.role != TensorRole::kActivation) {
        throw Error(fmt::format("network '{}': operator '{}' produces '{}', which is a graph input or a weight", graph,
                                operators[i].name, tensor.name));
      }
      producer = static_cast<OperatorId>(i);
    }
  }
  return producers;
}

void check_reads(const std::string& graph, const std::vector<Tensor>& tensors, const std::vector<Operator>& operators,
                 const std::vector<OperatorId>& producers, const std::vector<TensorId>& outputs) {
  const auto check = [&](TensorId id, const std::string& reader) {
    const Tensor& tensor = tensors.at(static_cast<std::size_t>(id));
    if (tensor.role == TensorRole::kActivation && producers[static_cast<std::size_t>(id)] == kNone) {
      throw Error(
          fmt::format("network '{}': {} reads tensor '{}', which nothing produces", graph, reader, tensor.name));
    }
  };
  std::set<std::string> names;
  for (const Operator& op : operators) {
    if (!names.insert(op.name).second) {
      throw Error(fmt::format("network '{}': two operators have the name '{}'", graph, op.name));
    }
    for (const TensorId id : op.inputs) check(id, "operator '" + op.name + "'");
    for (const TensorId id : op.weights) check(id, "operator '" + op.name + "'");
  }
  for (const TensorId id : outputs) check(id, "the output list");
}

// Kahn's algorithm with the smallest number first, so that an order of adding that is already topological stays.
std::vector<OperatorId> topological_order(const std::string& graph, const std::vector<Operator>& operators,
                                          const std::vector<OperatorId>& producers) {
  Dependencies dependencies(operators.size());
  std::vector<int> missing(operators.size(), 0);
  for (std::size_t i = 0; i < operators.size(); ++i) {
    for (const auto* reads : {&operators[i].inputs, &operators[i].weights}) {
      for (const TensorId id : *reads) {
        const OperatorId producer = producers[static_cast<std::size_t>(id)];
        if (producer == kNone) continue;
        boost::add_edge(static_cast<std::size_t>(producer), i, dependencies);
        ++missing[i];
      }
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < operators.size(); ++i) {
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<OperatorId> order;
  while (!ready.empty()) {
    const std::size_t next = ready.top();
    ready.pop();
    order.push_back(static_cast<OperatorId>(next));
    for (auto [edge, end] = boost::out_edges(next, dependencies); edge != end; ++edge) {
      const std::size_t reader = boost::target(*edge, dependencies);
      if (--missing[reader] == 0) ready.push(reader);
    }
  }
  if (order.size() != operators.size()) {
    const auto stuck = std::find_if(missing.begin(), missing.end(), [](int count) { return count > 0; });
    throw Error(fmt::format("network '{}': operator '{}' depends on its own output", graph,
                            operators[static_cast<std::size_t>(stuck - missing.begin())].name));
  }
  return order;
}

// Sums over the network must not overflow either.
void require_countable(const Graph& graph) {
  constexpr double kMostMacs = 0x1p53;
  double all = 0;
  for (const Operator& op : graph.operators()) all += as_double(macs(graph, op));
  if (all > kMostMacs) {
    throw Error(fmt::format("network '{}': has {} multiply-accumulates, at most 2^53 are counted", graph.name(), all));
  }
}

// Two names that are only told apart by characters that cannot be shown get numbers.
void make_names_printable(std::vector<Tensor>& tensors, std::vector<Operator>& operators) {
  for (Tensor& tensor : tensors) tensor.name = printable(tensor.name);
  std::set<std::string> taken;
  std::vector<Operator*> changed;
  for (Operator& op : operators) {
    op.source_type = printable(op.source_type);
    if (printable(op.name) == op.name) {
      taken.insert(op.name);
    } else {
      changed.push_back(&op);
    }
  }
  for (Operator* op : changed) {
    const std::string base = printable(op->name);
    op->name = base;
    for (int copy = 2; !taken.insert(op->name).second; ++copy) op->name = fmt::format("{}_{}", base, copy);
  }
}

}  // namespace

const char* to_string(BlockKind kind) {
  switch (kind) {
    case BlockKind::kInvertedBottleneck:
      return "ibn";
    case BlockKind::kFusedInvertedBottleneck:
      return "fused_ibn";
    case BlockKind::kDepthwiseSeparable:
      return "depthwise_separable";
    case BlockKind::kResidual:
      return "residual";
    case BlockKind::kSqueezeExcite:
      return "squeeze_excite";
  }
  throw InternalError("a block kind has no name");
}

bool Graph::is_output(TensorId id) const { return std::find(outputs_.begin(), outputs_.end(), id) != outputs_.end(); }

TensorId GraphBuilder::add_tensor(Tensor tensor) {
  tensors_.push_back(std::move(tensor));
  return static_cast<TensorId>(tensors_.size() - 1);
}

OperatorId GraphBuilder::add_operator(Operator op) {
  operators_.push_back(std::move(op));
  return static_cast<OperatorId>(operators_.size() - 1);
}

Graph GraphBuilder::build() && {
  const std::vector<OperatorId> producers = find_producers(name_, tensors_, operators_);
  check_reads(name_, tensors_, operators_, producers, outputs_);
  make_names_printable(tensors_, operators_);
  const std::vector<OperatorId> order = topological_order(name_, operators_, producers);

  Graph graph;
  graph.name_ = printable(name_);
  graph.tensors_ = std::move(tensors_);
  graph.inputs_ = std::move(inputs_);
  graph.outputs_ = std::move(outputs_);
  graph.producers_.assign(graph.tensors_.size(), kNone);
  graph.consumers_.resize(graph.tensors_.size());
  graph.operators_.reserve(order.size());
  for (const OperatorId old : order) {
    const auto id = static_cast<OperatorId>(graph.operators_.size());
    graph.operators_.push_back(std::move(operators_[static_cast<std::size_t>(old)]));
    const Operator& op = graph.operators_.back();
    for (const TensorId output : op.outputs) graph.producers_[static_cast<std::size_t>(output)] = id;
    for (const auto* reads : {&op.inputs, &op.weights}) {
      for (const TensorId input : *reads) {
        std::vector<OperatorId>& readers = graph.consumers_[static_cast<std::size_t>(input)];
        if (readers.empty() || readers.back() != id) readers.push_back(id);
      }
    }
  }
  require_countable(graph);
  graph.blocks_ = recognise_blocks(graph);
  return graph;
}

}  // namespace lanewise::network
