// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/operator_shapes.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/error.hpp"

namespace lanewise::mapping {
namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorKind;
using network::Tensor;
using network::TensorId;

void set_maps(SubgraphShape& shape, const Map& in, const Map& out) {
  shape.batch = in.batch;
  shape.in_channels = in.channels;
  shape.in_height = in.height;
  shape.in_width = in.width;
  shape.out_channels = out.channels;
  shape.out_height = out.height;
  shape.out_width = out.width;
}

// One rule per operator kind, named after the kind; kinds that the engine runs alike share one.
class OperatorShapes {
 public:
  using Rule = void (OperatorShapes::*)(const Operator& op, TensorId out, SubgraphDraft& draft) const;

  OperatorShapes(const Graph& graph, const Layout& layout) : graph_(graph), layout_(layout) {}

  void convolution(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    SubgraphShape& shape = draft.subgraph.shape;
    set_maps(shape, image_of(graph_, op.inputs[0]), image_of(graph_, out));
    shape.window = op.window;
    shape.groups = op.groups;
    shape.bias = op.weights.size() > 1;
    const bool depthwise = op.groups > 1 && op.groups == shape.in_channels;
    shape.family = depthwise       ? SubgraphFamily::kDepthwise
                   : op.groups > 1 ? SubgraphFamily::kGrouped
                                   : SubgraphFamily::kConvolution;
  }

  void fully_connected(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    const Tensor& input = graph_.tensor(op.inputs[0]);
    const Tensor& output = graph_.tensor(out);
    SubgraphShape& shape = draft.subgraph.shape;
    const std::int64_t features = output.shape.back();
    const std::int64_t rows = output.elements() / features;
    shape.family = SubgraphFamily::kFullyConnected;
    set_maps(shape, {1, input.elements() / rows, rows, 1}, {1, features, rows, 1});
    shape.bias = op.weights.size() > 1;
  }

  // [batch… M K] x [batch… K N]: each matrix of the batch is a group with weights of its own. Matrices that share their
  // right side are rows of one group: the query heads that share a head of keys are.
  void matmul(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    const Tensor& output = graph_.tensor(out);
    const Tensor& left = graph_.tensor(op.inputs[0]);
    const Tensor& right = graph_.tensor(op.inputs.at(1));
    if (output.shape.size() < 2 || left.shape.size() < 2) {
      throw Error("operator '" + op.name + "' (" + op.source_type + "): matrix product needs matrices on both sides");
    }
    const ProductShape product = layout_.matrix_product(op);
    SubgraphShape& shape = draft.subgraph.shape;
    set_maps(shape, {1, product.groups * product.depth, product.rows, 1},
             {1, product.groups * product.columns, product.rows, 1});
    shape.groups = product.groups;
    shape.weight_precision = right.precision;
    draft.inputs.resize(1);
    // Constant matrices are weights, as those of a grouped convolution are.
    if (right.role == network::TensorRole::kWeight) {
      shape.family = product.groups > 1 ? SubgraphFamily::kGrouped : SubgraphFamily::kFullyConnected;
      return;
    }
    shape.family = SubgraphFamily::kMatMul;
    draft.operand = layout_.storage(op.inputs[1]);
  }

  void pooling(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    SubgraphShape& shape = draft.subgraph.shape;
    set_maps(shape, image_of(graph_, op.inputs[0]), image_of(graph_, out));
    shape.family = SubgraphFamily::kPooling;
    shape.window = op.window;
  }

  void global_pooling(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    set_maps(draft.subgraph.shape, image_of(graph_, op.inputs[0]), image_of(graph_, out));
    draft.subgraph.shape.family = SubgraphFamily::kReduction;
  }

  void activation(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    set_maps(draft.subgraph.shape, layout_.map_of(out), layout_.map_of(out));
    draft.subgraph.shape.family = SubgraphFamily::kElementwise;
    draft.subgraph.shape.activation = op.activation;
  }

  void batch_normalization(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    activation(op, out, draft);
    draft.subgraph.shape.operand = FusedOperand::kPerChannel;
  }

  // The axis that is normalized over has to be there as a whole, so it takes the place of the channels.
  void normalization(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    const Map map = op.axes.size() == 1 ? layout_.map_along(out, op.axes[0]) : layout_.map_of(out);
    set_maps(draft.subgraph.shape, map, map);
    draft.subgraph.shape.family = SubgraphFamily::kNormalization;
  }

  void resize(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    set_maps(draft.subgraph.shape, layout_.map_of(op.inputs[0]), layout_.map_of(out));
    draft.subgraph.shape.family = SubgraphFamily::kResize;
  }

  // A move reads as much as it writes, whatever the shape of the tensor that it reads from.
  void move(const Operator&, TensorId out, SubgraphDraft& draft) const {
    const Map map = layout_.moved_map(out);
    set_maps(draft.subgraph.shape, map, map);
    draft.subgraph.shape.family = SubgraphFamily::kMove;
  }

  // Padding reads less than it writes.
  void pad(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    move(op, out, draft);
    if (graph_.tensor(op.inputs[0]).shape.size() != graph_.tensor(out).shape.size()) return;
    set_maps(draft.subgraph.shape, layout_.map_of(op.inputs[0]), layout_.map_of(out));
  }

  // The copy of one part of a concatenation writes no more than that part.
  void concat(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    const bool is_part = op.inputs.size() + op.weights.size() == 1;
    move(op, is_part ? op.inputs[0] : out, draft);
    if (!is_part || !layout_.appends_across(op)) return;
    const auto [read, written] = layout_.appended(op, op.inputs[0]);
    set_maps(draft.subgraph.shape, read, written);
  }

  void reduction(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    const Map in = layout_.map_of(op.inputs[0]);
    const Tensor& output = graph_.tensor(out);
    SubgraphShape& shape = draft.subgraph.shape;
    shape.family = SubgraphFamily::kReduction;
    // Over pixels where channels survive; otherwise as one row of what is left.
    const std::int64_t left = output.elements();
    const bool over_pixels = left == in.batch * in.channels;
    set_maps(shape, in,
             over_pixels ? Map{in.batch, in.channels, 1, 1}
                         : Map{in.batch, std::max<std::int64_t>(1, left / in.batch), 1, 1});
  }

  void elementwise(const Operator& op, TensorId out, SubgraphDraft& draft) const {
    const Tensor& output = graph_.tensor(out);
    SubgraphShape& shape = draft.subgraph.shape;
    shape.family = SubgraphFamily::kElementwise;
    set_maps(shape, layout_.map_of(out), layout_.map_of(out));
    // Full-size tensors stream; smaller ones are broadcast from a buffer beside them.
    std::vector<TensorId> full, small;
    for (const TensorId input : op.inputs)
      (layout_.streams(input, output.elements()) ? full : small).push_back(layout_.storage(input));
    if (full.empty()) {
      full.push_back(small.front());
      small.erase(small.begin());
    }
    for (const TensorId weight : op.weights) {
      if (layout_.streams(weight, output.elements())) full.push_back(weight);
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

  // A host reads and writes whole tensors, in the order in which they lie in DRAM.
  void host(const Operator& op, TensorId, SubgraphDraft& draft) const {
    SubgraphShape& shape = draft.subgraph.shape;
    std::int64_t in = 0;
    std::int64_t written = 0;
    for (const TensorId id : op.inputs) in += graph_.tensor(id).elements();
    for (const TensorId id : op.weights) in += graph_.tensor(id).elements();
    for (const TensorId id : op.outputs) written += graph_.tensor(id).elements();
    set_maps(shape, {1, 1, in, 1}, {1, 1, written, 1});
    shape.family = SubgraphFamily::kHost;
  }

 private:
  const Graph& graph_;
  const Layout& layout_;
};

struct KindRule {
  OperatorKind kind;
  OperatorShapes::Rule rule;
};

// In the order of the enumeration.
constexpr KindRule kRules[] = {
    {OperatorKind::kConvolution, &OperatorShapes::convolution},
    {OperatorKind::kFullyConnected, &OperatorShapes::fully_connected},
    {OperatorKind::kMatMul, &OperatorShapes::matmul},
    {OperatorKind::kBatchNormalization, &OperatorShapes::batch_normalization},
    {OperatorKind::kLayerNormalization, &OperatorShapes::normalization},
    {OperatorKind::kMaxPool, &OperatorShapes::pooling},
    {OperatorKind::kAveragePool, &OperatorShapes::pooling},
    {OperatorKind::kGlobalAveragePool, &OperatorShapes::global_pooling},
    {OperatorKind::kGlobalMaxPool, &OperatorShapes::global_pooling},
    {OperatorKind::kReduce, &OperatorShapes::reduction},
    {OperatorKind::kElementwise, &OperatorShapes::elementwise},
    {OperatorKind::kActivation, &OperatorShapes::activation},
    {OperatorKind::kPad, &OperatorShapes::pad},
    {OperatorKind::kConcat, &OperatorShapes::concat},
    {OperatorKind::kSplit, &OperatorShapes::move},
    {OperatorKind::kSlice, &OperatorShapes::move},
    {OperatorKind::kGather, &OperatorShapes::move},
    {OperatorKind::kResize, &OperatorShapes::resize},
    {OperatorKind::kTranspose, &OperatorShapes::move},
    {OperatorKind::kReshape, &OperatorShapes::move},
    {OperatorKind::kSoftmax, &OperatorShapes::normalization},
    {OperatorKind::kLocalResponseNormalization, &OperatorShapes::normalization},
    {OperatorKind::kHost, &OperatorShapes::host},
};
static_assert(std::size(kRules) == network::kOperatorKindCount);

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(kRules); ++i) {
    if (kRules[i].kind != static_cast<OperatorKind>(i)) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

void describe_operator(const Graph& graph, const Layout& layout, const Operator& op, TensorId out,
                       SubgraphDraft& draft) {
  if (op.inputs.empty()) throw Error("operator '" + op.name + "' (" + op.source_type + ") reads no activation");
  const Tensor& input = graph.tensor(op.inputs[0]);
  SubgraphShape& shape = draft.subgraph.shape;
  shape.input_precision = input.precision;
  shape.output_precision = graph.tensor(out).precision;
  shape.weight_precision = op.weights.empty() ? input.precision : graph.tensor(op.weights[0]).precision;
  if (!op.weights.empty()) shape.weight_form = graph.tensor(op.weights[0]).form;
  (OperatorShapes(graph, layout).*kRules[static_cast<std::size_t>(op.kind)].rule)(op, out, draft);
  if (!shape.uses_array()) shape.weight_form = {};
}

namespace {

struct Phases {
  std::int64_t count = 0, taps = 0;
};

// The phases along an axis that taps reach, those with more taps first. Tap k meets phase k x dilation mod stride, so
// that the taps take turns among every g-th phase, g being the greatest common divisor of the two.
std::vector<Phases> reached_phases(const network::Window& window, int axis) {
  const std::int64_t in_turn = window.stride[axis] / std::gcd(window.stride[axis], window.dilation[axis]);
  const std::int64_t taps = window.kernel[axis] / in_turn, longer = window.kernel[axis] % in_turn;
  std::vector<Phases> phases;
  if (longer > 0) phases.push_back({longer, taps + 1});
  if (taps > 0) phases.push_back({in_turn - longer, taps});
  return phases;
}

std::int64_t count_phases(const std::vector<Phases>& phases) {
  std::int64_t count = 0;
  for (const Phases& phase : phases) count += phase.count;
  return count;
}

// Outputs that no tap reaches are the bias, and are only written; with a fused operand they are that operand.
SubgraphDraft without_taps(SubgraphDraft draft, std::int64_t phases) {
  SubgraphShape& shape = draft.subgraph.shape;
  shape.window = network::Window{};
  shape.groups = 1;
  shape.bias = false;
  shape.out_height = shape.in_height * phases;
  shape.out_width = shape.in_width;
  shape.in_channels = shape.out_channels;
  shape.input_precision = shape.weight_precision = shape.output_precision;
  if (shape.operand == FusedOperand::kTensor && draft.operand != kNone) {
    shape.family = SubgraphFamily::kElementwise;
    shape.in_height = shape.out_height;
    draft.inputs = {draft.operand};
  } else {
    shape.family = SubgraphFamily::kResize;
    shape.activation = network::ActivationFunction::kNone;
    shape.in_height = shape.in_width = 1;
    draft.inputs.resize(1);
  }
  shape.operand = FusedOperand::kNone;
  draft.operand = kNone;
  return draft;
}

}  // namespace

std::vector<SubgraphDraft> split_into_phases(const Operator& op, SubgraphDraft draft) {
  const std::int64_t parameters = draft.subgraph.parameters;
  draft.subgraph.parameters = 0;
  const std::vector<Phases> of_rows = reached_phases(op.window, 0), of_columns = reached_phases(op.window, 1);
  std::vector<SubgraphDraft> drafts;
  for (const Phases& rows : of_rows) {
    for (const Phases& columns : of_columns) {
      drafts.push_back(draft);
      SubgraphShape& shape = drafts.back().subgraph.shape;
      shape.out_channels *= rows.count * columns.count;
      for (const int axis : {0, 1}) {
        const std::int64_t taps = axis == 0 ? rows.taps : columns.taps;
        // Taps of one phase are a whole number of input pixels apart.
        const std::int64_t apart =
            op.window.dilation[axis] / std::gcd(op.window.stride[axis], op.window.dilation[axis]);
        const std::int64_t around = (taps - 1) * apart;
        shape.window.kernel[axis] = taps;
        shape.window.stride[axis] = 1;
        shape.window.dilation[axis] = apart;
        shape.window.pad_begin[axis] = around / 2;
        shape.window.pad_end[axis] = around - around / 2;
      }
      shape.out_height = shape.in_height;
      shape.out_width = shape.in_width;
    }
  }
  const std::int64_t bare =
      op.window.stride[0] * op.window.stride[1] - count_phases(of_rows) * count_phases(of_columns);
  if (bare > 0) drafts.push_back(without_taps(draft, bare));
  drafts.front().subgraph.parameters = parameters;
  return drafts;
}

Map image_of(const Graph& graph, TensorId id) {
  const std::vector<std::int64_t>& d = graph.tensor(id).shape;
  return {d.at(0), d.at(1), d.at(2), d.at(3)};
}

}  // namespace lanewise::mapping
