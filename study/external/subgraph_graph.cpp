// SPDX-License-Identifier: Apache-2.0
#include "study/external/subgraph_graph.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "core/base/error.hpp"

namespace lanewise::study {
namespace {

using mapping::SubgraphFamily;
using mapping::SubgraphShape;
using network::Operator;
using network::OperatorKind;
using network::TensorId;
using network::TensorRole;
using Sizes = std::vector<std::int64_t>;

class Writer {
 public:
  explicit Writer(const SubgraphShape& shape) : shape_(shape) {}

  network::Graph run() {
    TensorId out = main_operator();
    if (shape_.operand != mapping::FusedOperand::kNone) out = second_operand(out);
    if (shape_.activation != network::ActivationFunction::kNone && !is_function_) out = activation(out);
    if (shape_.pooled) out = pooling(out);
    builder_.mark_output(out);
    return std::move(builder_).build();
  }

 private:
  Sizes map(std::int64_t channels, std::int64_t height, std::int64_t width) const {
    return {shape_.batch, channels, height, width};
  }
  Sizes output_sizes() const {
    return shape_.pooled ? map(shape_.out_channels, shape_.conv_height(), shape_.conv_width())
                         : map(shape_.out_channels, shape_.out_height, shape_.out_width);
  }

  TensorId tensor(const char* name, Sizes sizes, Precision precision, TensorRole role = TensorRole::kActivation) {
    network::Tensor made;
    made.name = name;
    made.shape = std::move(sizes);
    made.precision = precision;
    made.role = role;
    if (role == TensorRole::kWeight && std::string(name) == "weight") made.form = shape_.weight_form;
    const TensorId id = builder_.add_tensor(std::move(made));
    if (role == TensorRole::kGraphInput) builder_.mark_input(id);
    return id;
  }
  TensorId input(const char* name, Sizes sizes) {
    return tensor(name, std::move(sizes), shape_.input_precision, TensorRole::kGraphInput);
  }
  // What an operator between the main one and the output writes.
  TensorId add(Operator op, const char* name, Sizes sizes) {
    const TensorId out = tensor(name, std::move(sizes), shape_.output_precision);
    op.outputs = {out};
    builder_.add_operator(std::move(op));
    return out;
  }
  static Operator named(const char* name, OperatorKind kind, const char* type) {
    Operator op;
    op.name = name;
    op.kind = kind;
    op.source_type = type;
    return op;
  }

  TensorId main_operator() {
    switch (shape_.family) {
      case SubgraphFamily::kConvolution:
      case SubgraphFamily::kGrouped:
      case SubgraphFamily::kDepthwise:
        return convolution();
      case SubgraphFamily::kFullyConnected:
        return fully_connected();
      case SubgraphFamily::kMatMul:
        return product();
      case SubgraphFamily::kPooling: {
        Operator op = named("pool", OperatorKind::kMaxPool, "MaxPool");
        op.window = shape_.window;
        return on_input(std::move(op));
      }
      case SubgraphFamily::kReduction:
        return on_input(named("mean", OperatorKind::kGlobalAveragePool, "GlobalAveragePool"));
      case SubgraphFamily::kElementwise:
        return elementwise();
      case SubgraphFamily::kNormalization: {
        Operator op = named("softmax", OperatorKind::kSoftmax, "Softmax");
        op.axes = {1};
        return on_input(std::move(op));
      }
      case SubgraphFamily::kResize:
      case SubgraphFamily::kMove:
      case SubgraphFamily::kHost:
        break;
    }
    throw Error(fmt::format("a subgraph of the family {} is no network", mapping::to_string(shape_.family)));
  }

  TensorId on_input(Operator op) {
    op.inputs = {input("input", map(shape_.in_channels, shape_.in_height, shape_.in_width))};
    return add(std::move(op), "main", output_sizes());
  }

  void add_weights(Operator& op, Sizes sizes) {
    op.weights = {tensor("weight", std::move(sizes), shape_.weight_precision, TensorRole::kWeight)};
    if (shape_.bias) {
      op.weights.push_back(tensor("bias", {shape_.out_channels}, shape_.weight_precision, TensorRole::kWeight));
    }
  }

  TensorId convolution() {
    Operator op = named("conv", OperatorKind::kConvolution, "Conv");
    op.window = shape_.window;
    op.groups = shape_.groups;
    add_weights(op,
                {shape_.out_channels, shape_.in_channels / shape_.groups, op.window.kernel[0], op.window.kernel[1]});
    return on_input(std::move(op));
  }

  TensorId fully_connected() {
    Operator op = named("gemm", OperatorKind::kFullyConnected, "Gemm");
    const std::int64_t rows = shape_.batch * shape_.in_height * shape_.in_width;
    op.inputs = {input("input", {rows, shape_.in_channels})};
    add_weights(op, {shape_.out_channels, shape_.in_channels});
    flat_ = {rows, shape_.out_channels};
    return add(std::move(op), "main", flat_);
  }

  // Matrices of the batch as the first of three axes.
  TensorId product() {
    Operator op = named("matmul", OperatorKind::kMatMul, "MatMul");
    const std::int64_t matrices = shape_.batch * shape_.groups, rows = shape_.in_height * shape_.in_width;
    const std::int64_t inner = shape_.in_channels / shape_.groups, columns = shape_.out_channels / shape_.groups;
    op.inputs = {input("input", {matrices, rows, inner}), input("second", {matrices, inner, columns})};
    flat_ = {matrices, rows, columns};
    return add(std::move(op), "main", flat_);
  }

  TensorId elementwise() {
    const Sizes sizes = map(shape_.in_channels, shape_.in_height, shape_.in_width);
    if (shape_.inputs < 2) {
      is_function_ = true;
      Operator op = named("function", OperatorKind::kActivation, "Relu");
      op.activation = shape_.activation == network::ActivationFunction::kNone ? network::ActivationFunction::kRelu
                                                                              : shape_.activation;
      op.inputs = {input("input", sizes)};
      return add(std::move(op), "main", output_sizes());
    }
    TensorId sum = input("input", sizes);
    for (std::int64_t i = 1; i < shape_.inputs; ++i) {
      Operator op = named(fmt::format("add{}", i).c_str(), OperatorKind::kElementwise, "Add");
      op.inputs = {sum, input(fmt::format("input{}", i + 1).c_str(), sizes)};
      sum = add(std::move(op), fmt::format("sum{}", i).c_str(), output_sizes());
    }
    return sum;
  }

  TensorId second_operand(TensorId before) {
    const bool each = shape_.operand == mapping::FusedOperand::kTensor;
    const Sizes sizes = flat_.empty() ? output_sizes() : flat_;
    Operator op = named("operand_step", OperatorKind::kElementwise, each ? "Add" : "Mul");
    op.elementwise = each ? network::ElementwiseFunction::kAdd : network::ElementwiseFunction::kMultiply;
    Sizes other = sizes;
    if (!each) other = flat_.empty() ? Sizes{shape_.batch, shape_.out_channels, 1, 1} : Sizes{flat_.back()};
    op.inputs = {before, input("operand", other)};
    return add(std::move(op), "with_operand", sizes);
  }

  TensorId activation(TensorId before) {
    Operator op = named("activation", OperatorKind::kActivation, "Relu");
    op.activation = shape_.activation;
    op.inputs = {before};
    return add(std::move(op), "activated", flat_.empty() ? output_sizes() : flat_);
  }

  TensorId pooling(TensorId before) {
    Operator op = named("pool", OperatorKind::kMaxPool, "MaxPool");
    op.window = shape_.pool;
    op.inputs = {before};
    return add(std::move(op), "pooled", map(shape_.out_channels, shape_.out_height, shape_.out_width));
  }

  const SubgraphShape& shape_;
  network::GraphBuilder builder_{"subgraph"};
  Sizes flat_;                // of an output that is no map
  bool is_function_ = false;  // the activation is the main operator itself
};

}  // namespace

network::Graph graph_of(const mapping::Subgraph& subgraph) { return Writer(subgraph.shape).run(); }

}  // namespace lanewise::study
