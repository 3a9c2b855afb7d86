// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/operator_fusion.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/base/error.hpp"
#include "core/mapping/layout.hpp"

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

std::int64_t elements(const std::vector<std::int64_t>& shape, std::size_t from, std::size_t to) {
  return std::accumulate(shape.begin() + static_cast<std::ptrdiff_t>(from),
                         shape.begin() + static_cast<std::ptrdiff_t>(to), std::int64_t{1}, std::multiplies<>());
}

class OperatorFusion {
 public:
  OperatorFusion(const Graph& graph, const engine::EngineConfig& engine)
      : graph_(graph), engine_(engine), layout_(graph, engine.array.dot_product_lanes) {
    absorbed_.assign(graph.operators().size(), false);
    ready_.assign(graph.tensors().size(), false);
    for (const TensorId input : graph.inputs()) ready_[index(input)] = true;
    label_blocks();
  }

  std::vector<SubgraphDraft> run() {
    for (OperatorId id = 0; id < static_cast<OperatorId>(graph_.operators().size()); ++id) {
      if (absorbed_[index(id)]) continue;
      const Operator& op = graph_.op(id);
      emit_all(id, op);
    }
    finish();
    return std::move(drafts_);
  }

 private:
  static std::size_t index(int id) { return static_cast<std::size_t>(id); }
  TensorId root(TensorId tensor) const { return layout_.storage(tensor); }
  Map map_of(TensorId tensor) const { return layout_.map_of(tensor); }

  void emit_all(OperatorId id, const Operator& op) {
    if (op.kind == OperatorKind::kHost) {  // all outputs at once
      emit(id, op, op.outputs.at(0));
      for (const TensorId out : op.outputs) ready_[index(out)] = true;
      return;
    }
    if (op.kind == OperatorKind::kConcat && emit_concat(id, op)) return;
    bool moves = false;
    for (const TensorId out : op.outputs) {
      if (layout_.is_view(out)) {
        ready_[index(out)] = true;
      } else {
        emit(id, op, out);
        moves = true;
      }
    }
    if (!moves && op.kind != OperatorKind::kReshape) note_free(op);
  }

  // What moves no byte still belongs to a subgraph: the one that wrote what it looks at.
  void note_free(const Operator& op) {
    const TensorId storage = root(op.outputs[0]);
    const auto writer = std::find_if(drafts_.rbegin(), drafts_.rend(),
                                     [&](const SubgraphDraft& draft) { return root(draft.output) == storage; });
    if (writer == drafts_.rend()) {
      unwritten_.push_back(op.name);
    } else {
      writer->subgraph.operators.push_back(op.name);
    }
  }

  // A concatenation of which at least one part is where it belongs: a copy each of those that are not. False: none is.
  bool emit_concat(OperatorId id, const Operator& op) {
    const TensorId out = op.outputs.at(0);
    std::vector<TensorId> apart;
    for (const TensorId input : op.inputs) {
      if (root(input) != root(out)) apart.push_back(input);
    }
    if (apart.size() == op.inputs.size()) return false;
    if (!op.weights.empty()) apart.insert(apart.end(), op.weights.begin(), op.weights.end());
    for (const TensorId part : apart) {
      Operator copy = op;
      copy.inputs = {part};
      copy.weights.clear();
      emit(id, copy, out);
    }
    if (apart.empty()) note_free(op);
    ready_[index(out)] = true;
    return true;
  }

  // Which storage holds an output of the network is known at the end, and so is what a first subgraph is the first of.
  void finish() {
    for (SubgraphDraft& draft : drafts_) draft.output = root(draft.output);
    for (const TensorId output : graph_.outputs()) {
      for (SubgraphDraft& draft : drafts_) draft.leaves = draft.leaves || draft.output == root(output);
    }
    if (drafts_.empty()) return;
    std::vector<std::string>& first = drafts_.front().subgraph.operators;
    first.insert(first.end(), unwritten_.begin(), unwritten_.end());
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
    SubgraphDraft draft;
    draft.subgraph.name = op.name;
    draft.subgraph.operators = {op.name};
    draft.subgraph.block = block_[index(id)];
    draft.output = out;
    for (const TensorId input : op.inputs) draft.inputs.push_back(root(input));
    if (op.kind == OperatorKind::kConcat) {  // several parts of one tensor are that tensor, rearranged
      std::vector<TensorId>& all = draft.inputs;
      if (std::count(all.begin(), all.end(), all[0]) == static_cast<std::ptrdiff_t>(all.size())) all.resize(1);
    }
    describe(op, out, draft);
    count_parameters(op, draft);
    if (op.outputs.size() == 1) absorb_followers(draft);
    ready_[index(draft.output)] = true;
    if (op.kind == OperatorKind::kConvolution && op.transposed) return add_phases(op, std::move(draft));
    add(std::move(draft));
  }

  void add(SubgraphDraft draft) {
    const SubgraphShape& shape = draft.subgraph.shape;
    for (const TensorId input : draft.inputs) draft.subgraph.inputs.push_back(graph_.tensor(input).name);
    if (draft.operand != kNone && shape.family != SubgraphFamily::kMatMul) {
      draft.subgraph.inputs.push_back(graph_.tensor(draft.operand).name);
    }
    draft.subgraph.output = graph_.tensor(root(draft.output)).name;
    drafts_.push_back(std::move(draft));
  }

  void count_parameters(const Operator& op, SubgraphDraft& draft) {
    const auto count = [&](TensorId id) {
      const Tensor& tensor = graph_.tensor(id);
      if (tensor.role == network::TensorRole::kWeight) draft.subgraph.parameters += tensor.parameters();
    };
    for (const TensorId weight : op.weights) count(weight);
    for (const TensorId input : op.inputs) count(input);  // a matrix product may have a constant side
  }

  void set_maps(SubgraphShape& shape, const Map& in, const Map& out) {
    shape.batch = in.batch;
    shape.in_channels = in.channels;
    shape.in_height = in.height;
    shape.in_width = in.width;
    shape.out_channels = out.channels;
    shape.out_height = out.height;
    shape.out_width = out.width;
  }

  void describe(const Operator& op, TensorId out, SubgraphDraft& draft) {
    SubgraphShape& shape = draft.subgraph.shape;
    const Tensor& output = graph_.tensor(out);
    if (op.inputs.empty()) throw Error("operator '" + op.name + "' (" + op.source_type + ") reads no activation");
    const Tensor& input = graph_.tensor(op.inputs[0]);
    shape.input_precision = input.precision;
    shape.output_precision = output.precision;
    shape.weight_precision = op.weights.empty() ? input.precision : graph_.tensor(op.weights[0]).precision;
    switch (op.kind) {
      case OperatorKind::kConvolution:
        return describe_convolution(op, image_of(op.inputs[0]), image_of(out), shape);
      case OperatorKind::kFullyConnected:
        return describe_fully_connected(op, input, output, shape);
      case OperatorKind::kMatMul:
        return describe_matmul(op, output, draft);
      case OperatorKind::kMaxPool:
      case OperatorKind::kAveragePool:
        set_maps(shape, image_of(op.inputs[0]), image_of(out));
        shape.family = SubgraphFamily::kPooling;
        shape.window = op.window;
        return;
      case OperatorKind::kGlobalAveragePool:
      case OperatorKind::kGlobalMaxPool:
        set_maps(shape, image_of(op.inputs[0]), image_of(out));
        shape.family = SubgraphFamily::kReduction;
        return;
      case OperatorKind::kReduce:
        return describe_reduction(map_of(op.inputs[0]), output, shape);
      case OperatorKind::kElementwise:
        return describe_elementwise(op, out, draft);
      case OperatorKind::kActivation:
      case OperatorKind::kBatchNormalization:
        set_maps(shape, map_of(out), map_of(out));
        shape.family = SubgraphFamily::kElementwise;
        shape.activation = op.activation;
        if (op.kind == OperatorKind::kBatchNormalization) shape.operand = FusedOperand::kPerChannel;
        return;
      case OperatorKind::kSoftmax:
      case OperatorKind::kLayerNormalization:
      case OperatorKind::kLocalResponseNormalization: {
        const Map map = op.axes.size() == 1 ? layout_.map_along(out, op.axes[0]) : map_of(out);
        set_maps(shape, map, map);
        shape.family = SubgraphFamily::kNormalization;
        return;
      }
      case OperatorKind::kHost:
        return describe_host(op, shape);
      case OperatorKind::kResize:
        set_maps(shape, map_of(op.inputs[0]), map_of(out));
        shape.family = SubgraphFamily::kResize;
        return;
      default: {
        // A move reads what it writes, whatever the shape it comes from; padding reads less than it writes.
        const bool pads = op.kind == OperatorKind::kPad && input.shape.size() == output.shape.size();
        // A part of a concatenation is as large as itself.
        const bool part = op.kind == OperatorKind::kConcat && op.inputs.size() + op.weights.size() == 1;
        const Map to = map_of(part ? op.inputs[0] : out);
        set_maps(shape, pads ? map_of(op.inputs[0]) : to, to);
        shape.family = SubgraphFamily::kMove;
        return;
      }
    }
  }

  // Convolutions and poolings say which axis is which, whatever the layout.
  Map image_of(TensorId id) const {
    const std::vector<std::int64_t>& d = graph_.tensor(id).shape;
    return {d.at(0), d.at(1), d.at(2), d.at(3)};
  }

  void describe_convolution(const Operator& op, const Map& in, const Map& out, SubgraphShape& shape) {
    set_maps(shape, in, out);
    shape.window = op.window;
    shape.groups = op.groups;
    shape.bias = op.weights.size() > 1;
    const bool depthwise = op.groups > 1 && op.groups == shape.in_channels;
    shape.family = depthwise       ? SubgraphFamily::kDepthwise
                   : op.groups > 1 ? SubgraphFamily::kGrouped
                                   : SubgraphFamily::kConvolution;
  }

  // A transposed convolution of stride s is s x s convolutions over the input map, one for each phase of the output,
  // each with every s-th tap of the kernel: nothing is multiplied with the zeros between the pixels. Phases with
  // equally many taps are one convolution with as many times the channels, whose outputs are stored interleaved.
  void add_phases(const Operator& op, SubgraphDraft draft) {
    struct Phases {
      std::int64_t count = 0, taps = 0;
    };
    const auto phases_of = [&](int axis) {
      const std::int64_t stride = op.window.stride[axis];
      const std::int64_t kernel = op.window.kernel[axis];
      const std::int64_t longer = kernel % stride;
      // A kernel shorter than the stride leaves phases that no tap reaches; they pass as zeros through one.
      if (kernel < stride) return std::vector<Phases>{{stride, 1}};
      std::vector<Phases> phases{{stride - longer, kernel / stride}};
      if (longer > 0) phases.insert(phases.begin(), {longer, kernel / stride + 1});
      return phases;
    };
    const std::int64_t parameters = draft.subgraph.parameters;
    draft.subgraph.parameters = 0;
    std::vector<SubgraphDraft> drafts;
    for (const Phases& rows : phases_of(0)) {
      for (const Phases& columns : phases_of(1)) {
        drafts.push_back(draft);
        SubgraphShape& shape = drafts.back().subgraph.shape;
        shape.out_channels *= rows.count * columns.count;
        for (const int axis : {0, 1}) {
          const std::int64_t taps = axis == 0 ? rows.taps : columns.taps;
          const std::int64_t around = (taps - 1) * shape.window.dilation[axis];
          shape.window.kernel[axis] = taps;
          shape.window.stride[axis] = 1;
          shape.window.pad_begin[axis] = around / 2;
          shape.window.pad_end[axis] = around - around / 2;
        }
        shape.out_height = shape.in_height;
        shape.out_width = shape.in_width;
      }
    }
    drafts.front().subgraph.parameters = parameters;
    for (SubgraphDraft& phase : drafts) add(std::move(phase));
  }

  // Everything in, everything out, in the order that it lies in DRAM.
  void describe_host(const Operator& op, SubgraphShape& shape) {
    std::int64_t in = 0;
    std::int64_t out = 0;
    for (const TensorId id : op.inputs) in += graph_.tensor(id).elements();
    for (const TensorId id : op.weights) in += graph_.tensor(id).elements();
    for (const TensorId id : op.outputs) out += graph_.tensor(id).elements();
    set_maps(shape, {1, 1, in, 1}, {1, 1, out, 1});
    shape.family = SubgraphFamily::kHost;
  }

  void describe_fully_connected(const Operator& op, const Tensor& input, const Tensor& output, SubgraphShape& shape) {
    const std::int64_t features = output.shape.back();
    const std::int64_t rows = output.elements() / features;
    shape.family = SubgraphFamily::kFullyConnected;
    set_maps(shape, {1, input.elements() / rows, rows, 1}, {1, features, rows, 1});
    shape.bias = op.weights.size() > 1;
  }

  // [batch… M K] x [batch… K N]: a matrix of the batch is a group with its own weights.
  void describe_matmul(const Operator& op, const Tensor& output, SubgraphDraft& draft) {
    const Tensor& left = graph_.tensor(op.inputs[0]);
    const Tensor& right = graph_.tensor(op.inputs.at(1));
    if (output.shape.size() < 2 || left.shape.size() < 2) {
      throw Error("operator '" + op.name + "' (" + op.source_type + "): matrix product needs matrices on both sides");
    }
    const std::size_t rank = output.shape.size();
    const std::int64_t batch = elements(output.shape, 0, rank - 2);
    const std::int64_t depth = left.shape.back();
    SubgraphShape& shape = draft.subgraph.shape;
    shape.family = SubgraphFamily::kMatMul;
    set_maps(shape, {1, batch * depth, output.shape[rank - 2], 1},
             {1, batch * output.shape[rank - 1], output.shape[rank - 2], 1});
    shape.groups = batch;
    shape.weight_precision = right.precision;
    draft.operand = root(op.inputs[1]);
    draft.inputs.resize(1);
  }

  void describe_reduction(const Map& in, const Tensor& output, SubgraphShape& shape) {
    shape.family = SubgraphFamily::kReduction;
    // Over pixels where channels survive; otherwise as one row of what is left.
    const std::int64_t left = output.elements();
    const bool over_pixels = left == in.batch * in.channels;
    set_maps(shape, in,
             over_pixels ? Map{in.batch, in.channels, 1, 1}
                         : Map{in.batch, std::max<std::int64_t>(1, left / in.batch), 1, 1});
  }

  void describe_elementwise(const Operator& op, TensorId out, SubgraphDraft& draft) {
    const Tensor& output = graph_.tensor(out);
    SubgraphShape& shape = draft.subgraph.shape;
    shape.family = SubgraphFamily::kElementwise;
    set_maps(shape, map_of(out), map_of(out));
    // Full-size tensors stream; smaller ones are broadcast from a buffer beside them.
    std::vector<TensorId> full, small;
    for (const TensorId input : op.inputs) (streams(input, output.elements()) ? full : small).push_back(root(input));
    if (full.empty()) {
      full.push_back(small.front());
      small.erase(small.begin());
    }
    for (const TensorId weight : op.weights) {
      if (streams(weight, output.elements())) full.push_back(weight);
    }
    if (!small.empty() || !op.weights.empty()) shape.operand = FusedOperand::kPerChannel;
    shape.inputs = static_cast<std::int64_t>(full.size());
    if (full.size() == 2) {  // the second is an operand of its own, so that either may live on chip
      shape.inputs = 1;
      shape.operand = FusedOperand::kTensor;
      draft.operand = full[1];
      full.resize(1);
    } else if (!small.empty()) {
      draft.operand = small[0];
    }
    draft.inputs = full;
  }

  // Whether a tensor has to come tile by tile with one of `size` elements that it is broadcast to; what is much smaller
  // stays in a buffer.
  bool streams(TensorId tensor, std::int64_t size) const { return 2 * graph_.tensor(tensor).elements() >= size; }

  // The only operator that reads `tensor`, if there is one and nothing else needs the tensor.
  OperatorId sole_consumer(TensorId tensor) const {
    const std::vector<OperatorId>& readers = graph_.consumers(tensor);
    return readers.size() == 1 && !graph_.is_output(tensor) ? readers[0] : kNone;
  }

  void absorb_followers(SubgraphDraft& draft) {
    TensorId at = draft.output;  // or the same bytes under another shape
    std::vector<OperatorId> between;
    for (;;) {
      const OperatorId next = sole_consumer(at);
      if (next == kNone) return;
      const Operator& op = graph_.op(next);
      const bool looks = op.kind == OperatorKind::kReshape || op.kind == OperatorKind::kTranspose;
      if (looks && layout_.is_view(op.outputs[0])) {
        between.push_back(next);
        at = op.outputs[0];
        continue;
      }
      if (!absorb(op, at, draft)) return;
      between.push_back(next);
      for (const OperatorId id : between) {
        absorbed_[index(id)] = true;
        if (graph_.op(id).kind != OperatorKind::kReshape) draft.subgraph.operators.push_back(graph_.op(id).name);
      }
      between.clear();
      count_parameters(op, draft);
      at = draft.output = op.outputs[0];
      draft.subgraph.shape.output_precision = graph_.tensor(draft.output).precision;
    }
  }

  // Takes `op`, which reads `at`, into the subgraph if the post-processor can do it on the way; false leaves the
  // subgraph as it was.
  bool absorb(const Operator& op, TensorId at, SubgraphDraft& draft) {
    SubgraphShape& shape = draft.subgraph.shape;
    const bool array = shape.uses_array();
    if (shape.pooled || op.outputs.size() != 1) return false;
    if (absorb_constant(op, shape)) return true;
    if (!array && shape.family != SubgraphFamily::kElementwise) return false;
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
        return array && absorb_elementwise(op, at, draft);
      case OperatorKind::kMaxPool:
      case OperatorKind::kAveragePool:
        return array && at == draft.output && absorb_pooling(op, shape);
      default:
        return false;
    }
  }

  // A constant factor or summand a channel, before any activation: it folds into the weights and the bias, into the
  // scaling of a matrix product when it is one number, and into the last sweep of a normalization.
  bool absorb_constant(const Operator& op, SubgraphShape& shape) {
    if (op.kind != OperatorKind::kElementwise || op.inputs.size() != 1 || op.weights.size() != 1 ||
        shape.activation != network::ActivationFunction::kNone || shape.operand != FusedOperand::kNone) {
      return false;
    }
    const bool factor =
        op.elementwise == ElementwiseFunction::kMultiply || op.elementwise == ElementwiseFunction::kDivide;
    const bool summand =
        op.elementwise == ElementwiseFunction::kAdd || op.elementwise == ElementwiseFunction::kSubtract;
    const std::int64_t size = graph_.tensor(op.weights[0]).elements();
    if (!(factor || summand) || (size != 1 && size != shape.out_channels)) return false;
    if (shape.family == SubgraphFamily::kNormalization) return true;
    if (shape.family == SubgraphFamily::kMatMul) return factor && size == 1;
    if (!shape.uses_array()) return false;
    shape.bias = shape.bias || summand;
    return true;
  }

  bool absorb_elementwise(const Operator& op, TensorId at, SubgraphDraft& draft) {
    SubgraphShape& shape = draft.subgraph.shape;
    if (!engine_.post_processing.fused_elementwise || shape.operand != FusedOperand::kNone || draft.operand != kNone) {
      return false;
    }
    const std::int64_t size = graph_.tensor(at).elements();
    if (graph_.tensor(op.outputs[0]).elements() != size) return false;
    const auto kind = [&](TensorId id) {
      return streams(id, size) ? FusedOperand::kTensor : FusedOperand::kPerChannel;
    };
    if (op.inputs.size() == 1 && op.weights.size() == 1) {  // by a constant
      shape.operand = kind(op.weights[0]);
      if (shape.operand == FusedOperand::kTensor) draft.operand = op.weights[0];
      return true;
    }
    if (op.inputs.size() != 2 || !op.weights.empty() || op.inputs[0] == op.inputs[1]) return false;
    const TensorId other = op.inputs[0] == at ? op.inputs[1] : op.inputs[0];
    if (root(other) == root(at) || !ready_[index(other)]) return false;  // not there yet when this subgraph runs
    shape.operand = kind(other);
    draft.operand = root(other);
    return true;
  }

  bool absorb_pooling(const Operator& op, SubgraphShape& shape) {
    if (!engine_.post_processing.fused_pooling || shape.operand == FusedOperand::kTensor) return false;
    const Map out = image_of(op.outputs[0]);
    SubgraphShape pooled = shape;
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
  Layout layout_;
  std::vector<bool> absorbed_;          // by operator
  std::vector<bool> ready_;             // by tensor: written by a subgraph already formed
  std::vector<std::string> block_;      // by operator
  std::vector<std::string> unwritten_;  // operators that only look at what no subgraph writes
  std::vector<SubgraphDraft> drafts_;
};

}  // namespace

std::vector<SubgraphDraft> fuse_operators(const Graph& graph, const engine::EngineConfig& engine) {
  return OperatorFusion(graph, engine).run();
}

}  // namespace lanewise::mapping
