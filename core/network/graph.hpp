// SPDX-License-Identifier: Apache-2.0
// A network as an immutable value: tensors, operators in topological order, and the blocks recognised among them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/network/operator.hpp"

namespace lanewise::network {

enum class BlockKind { kInvertedBottleneck, kFusedInvertedBottleneck, kDepthwiseSeparable, kResidual, kSqueezeExcite };
const char* to_string(BlockKind kind);  // "ibn", "fused_ibn", "depthwise_separable", "residual", "squeeze_excite"

// Operators that together form a block the field knows. Blocks of different kinds may share operators (the
// squeeze-excite inside an IBN); blocks of one kind do not.
struct Block {
  BlockKind kind = BlockKind::kResidual;
  std::string name;                   // "ibn3": kind and number in topological order from 0
  std::vector<OperatorId> operators;  // ascending
  // Roles; kNone where a block has no such part.
  OperatorId expand = kNone;        // IBN: 1x1; fused IBN: KxK full convolution
  OperatorId depthwise = kNone;     // IBN, depthwise-separable
  OperatorId project = kNone;       // IBN, fused IBN: 1x1; depthwise-separable: pointwise
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
  // kNone for graph inputs and weights.
  OperatorId producer(TensorId id) const { return producers_[static_cast<std::size_t>(id)]; }
  // Ascending; an operator that reads the tensor twice stands once.
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
  // Sorts topologically (ties keep the order of adding), recognises blocks. Throws Error on a cycle, a tensor with two
  // producers, a tensor read but never produced, or two operators of one name.
  Graph build() &&;

 private:
  std::string name_;
  std::vector<Tensor> tensors_;
  std::vector<Operator> operators_;
  std::vector<TensorId> inputs_, outputs_;
};

// Multiply-accumulates of one operator (convolutions, fully connected, matmul; 0 for others) and of the whole graph.
std::int64_t macs(const Graph& graph, const Operator& op);
std::int64_t macs(const Graph& graph);
// Numbers that were trained: elements of the weights before folding, each tensor counted once however often it is used.
std::int64_t parameters(const Graph& graph);
// Bytes of the weights as an engine stores them: in their precisions, after folding.
Bytes parameter_bytes(const Graph& graph);
// Sixteen hexadecimal digits over all that is computed: operators with their attributes, tensors with shapes and
// precisions, and the names of both. Equal graphs have equal hashes, in every process.
std::string graph_hash(const Graph& graph);
// The most bytes that activation tensors alive at one operator take, untiled; reshapes share their input's bytes.
Bytes peak_activation_bytes(const Graph& graph);

}  // namespace lanewise::network
