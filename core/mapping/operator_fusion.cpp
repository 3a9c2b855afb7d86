// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/operator_fusion.hpp"

#include <algorithm>

#include "core/mapping/follower_fusion.hpp"
#include "core/mapping/layout.hpp"
#include "core/mapping/operator_shapes.hpp"
#include "core/mapping/pointwise_shape.hpp"

namespace lanewise::mapping {
namespace {

using network::Graph;
using network::kNone;
using network::Operator;
using network::OperatorId;
using network::OperatorKind;
using network::Tensor;
using network::TensorId;

class OperatorFusion {
 public:
  OperatorFusion(const Graph& graph, const engine::EngineConfig& engine)
      : graph_(graph),
        engine_(engine),
        layout_(graph, engine.array.dot_product_lanes, engine.dram.burst),
        followers_(graph, engine, layout_, ready_) {
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

  // An operator that moves no byte still belongs to a subgraph: the one that wrote the storage it is a view of.
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

  // A concatenation of which at least one part already lies where it belongs: one copy per part that does not. Returns
  // false where no part does.
  bool emit_concat(OperatorId id, const Operator& op) {
    const TensorId out = op.outputs.at(0);
    std::vector<TensorId> apart;
    for (const TensorId input : op.inputs) {
      if (root(input) != root(out) && !layout_.lies_in_place(op, input)) apart.push_back(input);
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

  // Only now is it known which storage holds an output of the network, and which subgraph comes first: it takes the
  // operators that are views of what no subgraph writes.
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
    describe_operator(graph_, layout_, op, out, draft);
    count_parameters(op, draft);
    if (op.outputs.size() == 1) absorb_followers(draft, op.kind == OperatorKind::kConvolution && op.transposed);
    ready_[index(draft.output)] = true;
    if (op.kind == OperatorKind::kConvolution && op.transposed) {
      for (SubgraphDraft& phase : split_into_phases(op, std::move(draft))) add(std::move(phase));
      return;
    }
    add(std::move(draft));
  }

  void add(SubgraphDraft draft) {
    SubgraphShape& shape = draft.subgraph.shape;
    fold_pointwise(shape, engine_);
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

  // The only operator that reads `tensor`, if there is one and nothing else needs the tensor.
  OperatorId sole_consumer(TensorId tensor) const {
    const std::vector<OperatorId>& readers = graph_.consumers(tensor);
    return readers.size() == 1 && !graph_.is_output(tensor) ? readers[0] : kNone;
  }

  void absorb_followers(SubgraphDraft& draft, bool is_transposed) {
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
      // The outputs of a transposed convolution come phase by phase, so that no window finds its pixels together.
      if (is_transposed && (op.kind == OperatorKind::kMaxPool || op.kind == OperatorKind::kAveragePool)) return;
      if (!followers_.absorb(op, at, draft)) return;
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

  const Graph& graph_;
  const engine::EngineConfig& engine_;
  Layout layout_;
  FollowerFusion followers_;
  std::vector<bool> absorbed_;          // by operator
  std::vector<bool> ready_;             // by tensor: written by a subgraph already formed
  std::vector<std::string> block_;      // by operator
  std::vector<std::string> unwritten_;  // operators that only look at what no subgraph writes
  std::vector<SubgraphDraft> drafts_;
};

}  // namespace

FusionValues fusion_values(const Graph& graph, const engine::EngineConfig& engine) {
  // Of these kinds Layout knows all that matters from the shapes alone.
  const auto is_plain = [](const Operator& op) {
    switch (op.kind) {
      case OperatorKind::kConvolution:
      case OperatorKind::kFullyConnected:
      case OperatorKind::kBatchNormalization:
      case OperatorKind::kMaxPool:
      case OperatorKind::kAveragePool:
      case OperatorKind::kGlobalAveragePool:
      case OperatorKind::kGlobalMaxPool:
      case OperatorKind::kReduce:
      case OperatorKind::kElementwise:
      case OperatorKind::kActivation:
      case OperatorKind::kPad:
      case OperatorKind::kReshape:
        return true;
      default:
        return false;
    }
  };
  FusionValues values;
  values.fuses_elementwise = engine.post_processing.fused_elementwise;
  values.fuses_pooling = engine.post_processing.fused_pooling;
  values.cascades = engine.mapping.cascade;
  values.has_patches = engine.patch_pixels() > 0;
  if (std::all_of(graph.operators().begin(), graph.operators().end(), is_plain)) return values;
  values.lanes = engine.array.dot_product_lanes;
  values.burst = engine.dram.burst;
  return values;
}

std::vector<SubgraphDraft> fuse_operators(const Graph& graph, const engine::EngineConfig& engine) {
  return OperatorFusion(graph, engine).run();
}

}  // namespace lanewise::mapping
