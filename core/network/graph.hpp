// SPDX-License-Identifier: Apache-2.0
// A network as an immutable value: its tensors, its operators in topological order, and the blocks recognised among
// them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/network/operator.hpp"

namespace lanewise::network {

enum class BlockKind { kInvertedBottleneck, kFusedInvertedBottleneck, kDepthwiseSeparable, kResidual, kSqueezeExcite };
const char* to_string(BlockKind kind);  // "ibn", "fused_ibn", "depthwise_separable", "residual", "squeeze_excite"

// Operators that together form a well-known building block. An IBN is an inverted bottleneck. Blocks of different kinds
// may share operators, as an IBN does with the squeeze-excite inside it; blocks of the same kind do not.
struct Block {
  BlockKind kind = BlockKind::kResidual;
  std::string name;                   // "ibn3": the kind, and a number per kind, in topological order from 0
  std::vector<OperatorId> operators;  // ascending
  // The operators in particular roles; kNone where the block has none in that role.
  OperatorId expand = kNone;        // IBN: the first 1x1 convolution; fused IBN: the full KxK convolution
  OperatorId depthwise = kNone;     // IBN, depthwise-separable
  OperatorId project = kNone;       // IBN, fused IBN, depthwise-separable: the closing 1x1 convolution
  OperatorId residual_add = kNone;  // IBN, fused IBN, residual
};

class Graph {
 public:
  const std::string& name() const { return name_; }
  const std::vector<Tensor>& tensors() const { return tensors_; }
  const std::vector<Operator>& operators() const { return operators_; }  // in topological order
  const std::vector<TensorId>& inputs() const { return inputs_; }
  const std::vector<TensorId>& outputs() const { return outputs_; }
  const std::vector<Block>& blocks() const { return blocks_; }
  const Tensor& tensor(TensorId id) const { return tensors_[static_cast<std::size_t>(id)]; }
  const Operator& op(OperatorId id) const { return operators_[static_cast<std::size_t>(id)]; }
  // The operator that writes the tensor; kNone for graph inputs and weights.
  OperatorId producer(TensorId id) const { return producers_[static_cast<std::size_t>(id)]; }
  // The operators that read the tensor, ascending; one that reads it twice is listed once.
  const std::vector<OperatorId>& consumers(TensorId id) const { return consumers_[static_cast<std::size_t>(id)]; }
  bool is_output(TensorId id) const;

 private:
  friend class GraphBuilder;
  std::string name_;
  std::vector<Tensor> tensors_;
  std::vector<Operator> operators_;
  std::vector<TensorId> inputs_, outputs_;
  std::vector<Block> blocks_;
  std::vector<OperatorId> producers_;
  std::vector<std::vector<OperatorId>> consumers_;
};

// Assembles a Graph. Operators may be added in any order.
class GraphBuilder {
 public:
  explicit GraphBuilder(std::string name) : name_(std::move(name)) {}
  TensorId add_tensor(Tensor tensor);
  OperatorId add_operator(Operator op);
  Tensor& tensor(TensorId id) { return tensors_[static_cast<std::size_t>(id)]; }
  void mark_input(TensorId id) { inputs_.push_back(id); }
  void mark_output(TensorId id) { outputs_.push_back(id); }
  // Sorts the operators topologically, keeping the order in which they were added where it is free, and recognises
  // blocks. Control characters of names are spelled out (printable), so that whoever shows a graph need not. Throws
  // Error for a cycle, a tensor with two producers, a tensor that is read but never produced, or two operators of the
  // same name.
  Graph build() &&;

 private:
  std::string name_;
  std::vector<Tensor> tensors_;
  std::vector<Operator> operators_;
  std::vector<TensorId> inputs_, outputs_;
};

// Multiply-accumulates of one operator, as its kind counts them (0 for kinds that have none), and of the whole graph.
std::int64_t macs(const Graph& graph, const Operator& op);
std::int64_t macs(const Graph& graph);
// Trained numbers: the elements of the weights before folding. Each tensor counts once, however often it is used.
std::int64_t parameters(const Graph& graph);
// Bytes of the weights as an engine stores them: after folding, in their precisions.
Bytes parameter_bytes(const Graph& graph);
// A hash, as sixteen hexadecimal digits, over the operators with their attributes, the tensors with their shapes and
// precisions, and the names of both. Equal graphs have equal hashes, in every process.
std::string graph_hash(const Graph& graph);
// The largest number of bytes that activations alive at any one time take together, untiled. What may ride on the
// operator before it (activation, normalization, element-wise operand) works where that one writes. Reshapes move
// nothing.
Bytes peak_activation_bytes(const Graph& graph);
// The bytes alive while each operator runs; the largest of them is the peak.
std::vector<std::int64_t> live_activation_bytes(const Graph& graph);

}  // namespace lanewise::network
