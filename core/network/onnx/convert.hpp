// SPDX-License-Identifier: Apache-2.0
// From ONNX's operators, with all shapes known, to those of a Graph.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/network/graph.hpp"
#include "core/network/import.hpp"
#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

// Whether the table of operators.hpp has this operator type of the default domain.
bool is_converted(const std::string& type);

// Converts one Network into a Graph.
//
// Convolutions, poolings and normalizations over one spatial axis take it as a map of height 1: an "image" tensor of
// four dimensions stands beside the three-dimensional tensor of the file. A reshape connects the two only where an
// operator reads the one that was not written.
class Converter {
 public:
  // `options` give the precisions that the file leaves open.
  Converter(const Network& network, std::string graph_name, const ImportOptions& options);
  Graph run();

  // Conversions of one node each, which the table of operators.hpp refers to. They stand in one file per group.
  void convolution(const Node& node);
  void gemm(const Node& node);
  void matmul(const Node& node);
  void pooling(const Node& node);
  void global_pooling(const Node& node);
  void reduction(const Node& node);
  void normalization(const Node& node);
  void softmax(const Node& node);
  void local_response(const Node& node);
  void activation(const Node& node);
  void clip(const Node& node);
  void parametric_relu(const Node& node);
  void elementwise(const Node& node);
  void reshape(const Node& node);
  void transpose(const Node& node);
  void concat(const Node& node);
  void split(const Node& node);
  void slice(const Node& node);
  void gather(const Node& node);
  void pad(const Node& node);
  void resize(const Node& node);
  void repeat(const Node& node);
  void space_to_depth(const Node& node);
  // Any operator that the table does not list, or whose arguments only running tells.
  void host(const Node& node);

 private:
  const Network& network_;
  const ImportOptions& options_;
  GraphBuilder builder_;
  std::vector<TensorId> tensors_;                     // of each value, kNone where not made yet
  std::vector<TensorId> images_;                      // of each value with one spatial axis, where one was made
  std::vector<std::optional<Precision>> precisions_;  // of each tensor
  std::vector<Shape> shapes_;                         // of each tensor
  std::vector<Operator> operators_;
  std::set<std::string> names_;  // of operators
  std::set<ValueId> read_;       // by a node, or as outputs
  std::set<ValueId> counted_;    // weights of the file whose numbers some tensor has
  std::vector<bool> untrained_;  // by value: constants that hold no trained numbers

  const Value& value(ValueId id) const { return network_.value(id); }
  const Shape& shape(ValueId id) const { return network_.value(id).shape; }
  // The n-th input; fails when it is absent.
  ValueId input(const Node& node, std::size_t n) const;
  bool has_input(const Node& node, std::size_t n) const;

  TensorId make_tensor(const std::string& name, const Shape& shape, TensorRole role,
                       std::optional<Precision> precision);
  // The file's tensor, or its image (the tensor itself unless it has three dimensions).
  TensorId tensor(ValueId id);
  TensorId image(ValueId id);
  bool is_image_only(ValueId id) const;
  // The tensor that an operator is about to write.
  TensorId output(ValueId id);
  TensorId output_image(ValueId id);
  // A weight under another shape of as many elements.
  TensorId weight(ValueId id, const Shape& as);
  // Numbers of the file that a weight was folded from count for the first tensor that has them, where they were
  // trained.
  void count_trained(TensorId made, ValueId id);
  // The activations among a node's inputs to `op.inputs`, its constants to `op.weights`, the output to `op.outputs`:
  // all as images when one of the inputs is there only as such. Returns whether they are.
  bool connect(const Node& node, Operator& op);
  // The value becomes the tensor that is there already: an operator that changes nothing.
  void forward(ValueId id, TensorId existing);
  // A tensor between two operators that stand for one node.
  TensorId between(const Node& node, const char* what, const Shape& shape, ValueId like);
  // The value, or the tensor with the precision of the value `like`, under another shape of as many elements.
  TensorId reshaped(const Node& node, ValueId id, const char* what, const Shape& as);
  TensorId reshaped(const Node& node, TensorId from, const char* what, const Shape& as, ValueId like);

  Operator start(const Node& node, OperatorKind kind) const;
  void add(Operator op);
  void add_reshape(const std::string& name, const std::string& source_type, TensorId from, TensorId to);
  std::string unique_name(const std::string& base);

  void multiply_constant(const Node& node, ValueId matrix, const Shape& as, TensorId right, TensorId result);
  // Repeats a value `times` along an axis: the whole axis again and again, or each entry in a row where `interleaved`.
  void add_repetition(const Node& node, ValueId x, std::int64_t axis, std::int64_t times, bool interleaved);
  bool is_empty(ValueId id) const { return element_count(shape(id)) == 0; }
  void read_window(const Node& node, const Shape& in, const Shape& out, Window& window) const;
  bool has_known_arguments(const Node& node) const;
  void add_other_outputs(const Node& node);
  void set_layer_precisions();
  void spread_precisions();
  void mark_outputs();
  void require_spatial(const Node& node, std::size_t rank) const;
};

}  // namespace lanewise::network::importing
