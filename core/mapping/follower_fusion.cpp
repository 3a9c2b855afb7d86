// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/follower_fusion.hpp"

#include "core/mapping/operator_shapes.hpp"

namespace lanewise::mapping {

using network::ElementwiseFunction;
using network::kNone;
using network::Operator;
using network::OperatorKind;
using network::TensorId;

bool FollowerFusion::absorb(const Operator& op, TensorId at, SubgraphDraft& draft) const {
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

// A constant factor or summand per channel, before any activation, folds into the weights and the bias; a single factor
// folds into the scaling of a matrix product; either folds into the last sweep of a normalization.
bool FollowerFusion::absorb_constant(const Operator& op, SubgraphShape& shape) const {
  if (op.kind != OperatorKind::kElementwise || op.inputs.size() != 1 || op.weights.size() != 1 ||
      shape.activation != network::ActivationFunction::kNone || shape.operand != FusedOperand::kNone) {
    return false;
  }
  const bool factor =
      op.elementwise == ElementwiseFunction::kMultiply || op.elementwise == ElementwiseFunction::kDivide;
  const bool summand = op.elementwise == ElementwiseFunction::kAdd || op.elementwise == ElementwiseFunction::kSubtract;
  const std::int64_t size = graph_.tensor(op.weights[0]).elements();
  if (!(factor || summand) || (size != 1 && size != shape.out_channels)) return false;
  if (shape.family == SubgraphFamily::kNormalization) return true;
  if (shape.family == SubgraphFamily::kMatMul) return factor && size == 1;
  if (!shape.uses_array()) return false;
  shape.bias = shape.bias || summand;
  return true;
}

bool FollowerFusion::absorb_elementwise(const Operator& op, TensorId at, SubgraphDraft& draft) const {
  SubgraphShape& shape = draft.subgraph.shape;
  if (!engine_.post_processing.fused_elementwise || shape.operand != FusedOperand::kNone || draft.operand != kNone) {
    return false;
  }
  const std::int64_t size = graph_.tensor(at).elements();
  if (graph_.tensor(op.outputs[0]).elements() != size) return false;
  const auto kind = [&](TensorId id) {
    return layout_.streams(id, size) ? FusedOperand::kTensor : FusedOperand::kPerChannel;
  };
  if (op.inputs.size() == 1 && op.weights.size() == 1) {  // by a constant
    shape.operand = kind(op.weights[0]);
    if (shape.operand == FusedOperand::kTensor) draft.operand = op.weights[0];
    return true;
  }
  if (op.inputs.size() != 2 || !op.weights.empty() || op.inputs[0] == op.inputs[1]) return false;
  const TensorId other = op.inputs[0] == at ? op.inputs[1] : op.inputs[0];
  if (layout_.storage(other) == layout_.storage(at) || !ready_[static_cast<std::size_t>(other)])
    return false;  // not there yet when this subgraph runs
  shape.operand = kind(other);
  draft.operand = layout_.storage(other);
  return true;
}

bool FollowerFusion::absorb_pooling(const Operator& op, SubgraphShape& shape) const {
  if (!engine_.post_processing.fused_pooling || shape.operand == FusedOperand::kTensor) return false;
  const Map out = image_of(graph_, op.outputs[0]);
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

}  // namespace lanewise::mapping
