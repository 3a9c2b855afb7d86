// SPDX-License-Identifier: Apache-2.0
#include "mapping/passes.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/error.hpp"

namespace lanewise::mapping {
namespace {

using network::ElementwiseFunction;
using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorId;
using network::OperatorKind;
using network::Tensor;
using network::TensorId;

// A tensor as the engine sees it: channels and a map of pixels.
struct Map {
  std::int64_t batch = 1, channels = 1, height = 1, width = 1;
};

// NCHW as it is; one to three dimensions as features of tokens (the last dimension is the channels); more than four
// dimensions keep their first two and flatten the rest.
Map map_of(const Tensor& tensor) {
  const std::vector<std::int64_t>& d = tensor.shape;
  switch (d.size()) {
    case 0:
      return {};
    case 1:
      return {1, d[0], 1, 1};
    case 2:
      return {1, d[1], d[0], 1};
    case 3:
      return {d[0], d[2], d[1], 1};
    case 4:
      return {d[0], d[1], d[2], d[3]};
    default: {
      const std::int64_t rest = std::accumulate(d.begin() + 3, d.end(), std::int64_t{1}, std::multiplies<>());
      return {d[0], d[1], d[2], rest};
    }
  }
}

std::int64_t elements(const std::vector<std::int64_t>& shape, std::size_t from, std::size_t to) {
  return std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(from),
                         shape.begin() + static_cast<std::ptrdiff_t>(to), std::int64_t{1}, std::multiplies<>());
}

class PassFormer {
 public:
  PassFormer(const Graph& graph, const engine::EngineConfig& engine) : graph_(graph), engine_(engine) {
    absorbed_.assign(graph.operators().size(), false);
    root_.resize(graph.tensors().size());
    std::iota(root_.begin(), root_.end(), 0);
    ready_.assign(graph.tensors().size(), false);
    for (const TensorId input : graph.inputs()) ready_[index(input)] = true;
    label_blocks();
  }

  std::vector<Pass> run() {
    for (OperatorId id = 0; id < static_cast<OperatorId>(graph_.operators().size()); ++id) {
      if (absorbed_[index(id)]) continue;
      const Operator& op = graph_.op(id);
      if (op.kind == OperatorKind::kReshape) {
        for (const TensorId out : op.outputs) alias(out, op.inputs.at(0));
        continue;
      }
      for (const TensorId out : op.outputs) emit(id, op, out);
    }
    return std::move(passes_);
  }

 private:
  static std::size_t index(int id) { return static_cast<std::size_t>(id); }
  TensorId root(TensorId tensor) const { return root_[index(tensor)]; }

  void alias(TensorId view, TensorId source) {
    root_[index(view)] = root(source);
    ready_[index(view)] = true;
  }

  // The innermost block: of all that hold the operator, the one with the fewest operators.
  void label_blocks() {
    std::vector<std::size_t> size(graph_.operators().size(), SIZE_MAX);
    block_.resize(graph_.operators().size());
    for (const network::Block& block : graph_.blocks()) {
      for (const OperatorId id : block.operators) {
        if (block.operators.size() >= size[index(id)]) continue;
        size[index(id)] = block.operators.size();
        block_[index(id)] = block.name;
      }
    }
  }

  void emit(OperatorId id, const Operator& op, TensorId out) {
    Pass pass;
    pass.subgraph.name = op.name;
    pass.subgraph.operators = {op.name};
    pass.subgraph.block = block_[index(id)];
    pass.output = out;
    for (const TensorId input : op.inputs) pass.inputs.push_back(root(input));
    describe(op, out, pass);
    count_parameters(op, pass);
    if (op.outputs.size() == 1) absorb_followers(pass);
    ready_[index(pass.output)] = true;
    const PassShape& shape = pass.subgraph.shape;
    for (const TensorId input : pass.inputs) pass.subgraph.inputs.push_back(graph_.tensor(input).name);
    if (pass.operand != kNone && shape.family != PassFamily::kMatMul) {
      pass.subgraph.inputs.push_back(graph_.tensor(pass.operand).name);
    }
    pass.subgraph.output = graph_.tensor(pass.output).name;
    passes_.push_back(std::move(pass));
  }

  void count_parameters(const Operator& op, Pass& pass) {
    const auto count = [&](TensorId id) {
      const Tensor& tensor = graph_.tensor(id);
      if (tensor.role == network::TensorRole::kWeight) pass.subgraph.parameters += tensor.elements();
    };
    for (const TensorId weight : op.weights) count(weight);
    for (const TensorId input : op.inputs) count(input);  // a matrix product may have a constant side
  }

  void set_maps(PassShape& shape, const Map& in, const Map& out) {
    shape.batch = in.batch;
    shape.in_channels = in.channels;
    shape.in_height = in.height;
    shape.in_width = in.width;
    shape.out_channels = out.channels;
    shape.out_height = out.height;
    shape.out_width = out.width;
  }

  void describe(const Operator& op, TensorId out, Pass& pass) {
    PassShape& shape = pass.subgraph.shape;
    const Tensor& output = graph_.tensor(out);
    if (op.inputs.empty()) throw Error("operator '" + op.name + "' (" + op.source_type + ") reads no activation");
    const Tensor& input = graph_.tensor(op.inputs[0]);
    shape.input_precision = input.precision;
    shape.output_precision = output.precision;
    shape.weight_precision = op.weights.empty() ? input.precision : graph_.tensor(op.weights[0]).precision;
    switch (op.kind) {
      case OperatorKind::kConvolution:
        return describe_convolution(op, input, output, shape);
      case OperatorKind::kFullyConnected:
        return describe_fully_connected(op, input, output, shape);
      case OperatorKind::kMatMul:
        return describe_matmul(op, output, pass);
      case OperatorKind::kMaxPool:
      case OperatorKind::kAveragePool:
        set_maps(shape, map_of(input), map_of(output));
        shape.family = PassFamily::kPooling;
        shape.window = op.window;
        return;
      case OperatorKind::kGlobalAveragePool:
      case OperatorKind::kGlobalMaxPool:
        set_maps(shape, map_of(input), map_of(output));
        shape.family = PassFamily::kReduction;
        return;
      case OperatorKind::kReduce:
        return describe_reduction(input, output, shape);
      case OperatorKind::kElementwise:
        return describe_elementwise(op, output, pass);
      case OperatorKind::kActivation:
      case OperatorKind::kBatchNormalization:
        set_maps(shape, map_of(output), map_of(output));
        shape.family = PassFamily::kElementwise;
        shape.activation = op.activation;
        if (op.kind == OperatorKind::kBatchNormalization) shape.operand = FusedOperand::kPerChannel;
        return;
      case OperatorKind::kSoftmax:
      case OperatorKind::kLayerNormalization:
        set_maps(shape, map_of(output), map_of(output));
        shape.family = PassFamily::kNormalization;
        return;
      case OperatorKind::kResize:
        set_maps(shape, map_of(input), map_of(output));
        shape.family = PassFamily::kResize;
        return;
      default: {
        // A move reads what it writes, whatever the shape it comes from; padding reads less than it writes.
        const Map to = map_of(output);
        const bool pads = op.kind == OperatorKind::kPad && input.shape.size() == output.shape.size();
        set_maps(shape, pads ? map_of(input) : to, to);
        shape.family = PassFamily::kMove;
        return;
      }
    }
  }

  void describe_convolution(const Operator& op, const Tensor& input, const Tensor& output, PassShape& shape) {
    set_maps(shape, map_of(input), map_of(output));
    shape.window = op.window;
    shape.groups = op.groups;
    shape.bias = op.weights.size() > 1;
    if (op.transposed) as_subpixel_convolution(shape);
    const bool depthwise = op.groups > 1 && op.groups == shape.in_channels;
    shape.family = depthwise ? PassFamily::kDepthwise : op.groups > 1 ? PassFamily::kGrouped : PassFamily::kConvolution;
  }

  // A transposed convolution of stride s is s x s interleaved convolutions over the input map, each with its share of
  // the kernel: one convolution with s x s times the channels, whose outputs are stored interleaved.
  static void as_subpixel_convolution(PassShape& shape) {
    for (int axis = 0; axis < 2; ++axis) {
      const std::int64_t stride = shape.window.stride[axis];
      shape.out_channels *= stride;
      shape.window.kernel[axis] = ceil_div(shape.window.kernel[axis], stride);
      shape.window.stride[axis] = 1;
      shape.window.pad_begin[axis] = (shape.window.kernel[axis] - 1) / 2;
      shape.window.pad_end[axis] = shape.window.kernel[axis] / 2;
    }
    shape.out_height = shape.in_height;
    shape.out_width = shape.in_width;
  }

  void describe_fully_connected(const Operator& op, const Tensor& input, const Tensor& output, PassShape& shape) {
    const std::int64_t features = output.shape.back();
    const std::int64_t rows = output.elements() / features;
    shape.family = PassFamily::kFullyConnected;
    set_maps(shape, {1, input.elements() / rows, rows, 1}, {1, features, rows, 1});
    shape.bias = op.weights.size() > 1;
  }

  // [batch… M K] x [batch… K N]: a matrix of the batch is a group with its own weights.
  void describe_matmul(const Operator& op, const Tensor& output, Pass& pass) {
    const Tensor& left = graph_.tensor(op.inputs[0]);
    const Tensor& right = graph_.tensor(op.inputs.at(1));
    if (output.shape.size() < 2 || left.shape.size() < 2) {
      throw Error("operator '" + op.name + "' (" + op.source_type + "): matrix product needs matrices on both sides");
    }
    const std::size_t rank = output.shape.size();
    const std::int64_t batch = elements(output.shape, 0, rank - 2);
    const std::int64_t depth = left.shape.back();
    PassShape& shape = pass.subgraph.shape;
    shape.family = PassFamily::kMatMul;
    set_maps(shape, {1, batch * depth, output.shape[rank - 2], 1},
             {1, batch * output.shape[rank - 1], output.shape[rank - 2], 1});
    shape.groups = batch;
    shape.weight_precision = right.precision;
    pass.operand = root(op.inputs[1]);
    pass.inputs.resize(1);
  }

  void describe_reduction(const Tensor& input, const Tensor& output, PassShape& shape) {
    const Map in = map_of(input);
    shape.family = PassFamily::kReduction;
    // Over pixels where channels survive; otherwise as one row of what is left.
    const std::int64_t left = output.elements();
    const bool over_pixels = left == in.batch * in.channels;
    set_maps(shape, in,
             over_pixels ? Map{in.batch, in.channels, 1, 1}
                         : Map{in.batch, std::max<std::int64_t>(1, left / in.batch), 1, 1});
  }

  void describe_elementwise(const Operator& op, const Tensor& output, Pass& pass) {
    PassShape& shape = pass.subgraph.shape;
    shape.family = PassFamily::kElementwise;
    set_maps(shape, map_of(output), map_of(output));
    // Full-size tensors stream; smaller ones are broadcast from a buffer beside them.
    std::vector<TensorId> full, small;
    for (const TensorId input : op.inputs) {
      (graph_.tensor(input).elements() == output.elements() ? full : small).push_back(root(input));
    }
    if (full.empty()) {
      full.push_back(small.front());
      small.erase(small.begin());
    }
    if (!small.empty() || !op.weights.empty()) shape.operand = FusedOperand::kPerChannel;
    shape.inputs = static_cast<std::int64_t>(full.size());
    if (full.size() == 2) {  // the second is an operand of its own, so that either may live on chip
      shape.inputs = 1;
      shape.operand = FusedOperand::kTensor;
      pass.operand = full[1];
      full.resize(1);
    } else if (!small.empty()) {
      pass.operand = small[0];
    }
    pass.inputs = full;
  }

  // The only operator that reads `tensor`, if there is one and nothing else needs the tensor.
  OperatorId sole_consumer(TensorId tensor) const {
    const std::vector<OperatorId>& readers = graph_.consumers(tensor);
    return readers.size() == 1 && !graph_.is_output(tensor) ? readers[0] : kNone;
  }

  void absorb_followers(Pass& pass) {
    for (;;) {
      const OperatorId next = sole_consumer(pass.output);
      if (next == kNone || !absorb(graph_.op(next), pass)) return;
      absorbed_[index(next)] = true;
      const Operator& op = graph_.op(next);
      pass.subgraph.operators.push_back(op.name);
      count_parameters(op, pass);
      pass.output = op.outputs[0];
      pass.subgraph.shape.output_precision = graph_.tensor(pass.output).precision;
    }
  }

  // Takes `op` into the pass if the post-processor can do it on the way; false leaves the pass as it was.
  bool absorb(const Operator& op, Pass& pass) {
    PassShape& shape = pass.subgraph.shape;
    const bool array = shape.uses_array();
    if (shape.pooled || op.outputs.size() != 1 || !(array || shape.family == PassFamily::kElementwise)) return false;
    switch (op.kind) {
      case OperatorKind::kBatchNormalization:
        if (!array) return false;
        shape.bias = true;  // scale folds into the weights, the shift is a bias
        return true;
      case OperatorKind::kActivation:
        if (shape.activation != network::ActivationFunction::kNone) return false;
        shape.activation = op.activation;
        return true;
      case OperatorKind::kElementwise:
        return array && absorb_elementwise(op, pass);
      case OperatorKind::kMaxPool:
      case OperatorKind::kAveragePool:
        return array && absorb_pooling(op, shape);
      default:
        return false;
    }
  }

  bool absorb_elementwise(const Operator& op, Pass& pass) {
    PassShape& shape = pass.subgraph.shape;
    if (!engine_.post_processing.fused_elementwise || shape.operand != FusedOperand::kNone || pass.operand != kNone) {
      return false;
    }
    const std::int64_t size = graph_.tensor(pass.output).elements();
    if (graph_.tensor(op.outputs[0]).elements() != size) return false;
    if (op.inputs.size() == 1 && op.weights.size() == 1) {  // by a constant
      if (graph_.tensor(op.weights[0]).elements() == size) return false;
      shape.operand = FusedOperand::kPerChannel;
      return true;
    }
    if (op.inputs.size() != 2 || !op.weights.empty() || op.inputs[0] == op.inputs[1]) return false;
    const TensorId other = root(op.inputs[0] == pass.output ? op.inputs[1] : op.inputs[0]);
    if (other == root(pass.output) || !ready_[index(other)]) return false;  // not there yet when this pass runs
    shape.operand = graph_.tensor(other).elements() == size ? FusedOperand::kTensor : FusedOperand::kPerChannel;
    pass.operand = other;
    return true;
  }

  bool absorb_pooling(const Operator& op, PassShape& shape) {
    if (!engine_.post_processing.fused_pooling || shape.operand == FusedOperand::kTensor) return false;
    const Map out = map_of(graph_.tensor(op.outputs[0]));
    PassShape pooled = shape;
    pooled.pooled = true;
    pooled.pool = op.window;
    pooled.out_height = out.height;
    pooled.out_width = out.width;
    // Rounding may leave rows of the convolution that no pooling window reads: then pool apart.
    if (pooled.conv_height() != shape.out_height || pooled.conv_width() != shape.out_width) {
      pooled.pool.pad_end[0] -= shape.out_height - pooled.conv_height();
      pooled.pool.pad_end[1] -= shape.out_width - pooled.conv_width();
    }
    if (pooled.conv_height() != shape.out_height || pooled.conv_width() != shape.out_width) return false;
    shape = pooled;
    return true;
  }

  const Graph& graph_;
  const engine::EngineConfig& engine_;
  std::vector<bool> absorbed_;      // by operator
  std::vector<TensorId> root_;      // by tensor: what it is a view of
  std::vector<bool> ready_;         // by tensor: written by a pass already formed
  std::vector<std::string> block_;  // by operator
  std::vector<Pass> passes_;
};

}  // namespace

std::vector<Pass> form_passes(const Graph& graph, const engine::EngineConfig& engine) {
  return PassFormer(graph, engine).run();
}

}  // namespace lanewise::mapping
