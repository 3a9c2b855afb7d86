// SPDX-License-Identifier: Apache-2.0
#include "core/network/operator_traits.hpp"

#include <initializer_list>
#include <iterator>

#include "core/base/error.hpp"

namespace lanewise::network {

namespace {

// Beyond, a double no longer counts one by one, and sums of what follows from it may overflow.
constexpr std::int64_t kMostMacs = std::int64_t{1} << 53;

std::int64_t product(const Operator& op, std::initializer_list<std::int64_t> factors) {
  std::int64_t all = 1;
  for (const std::int64_t factor : factors) {
    if (factor > 0 && all > kMostMacs / factor) {
      throw Error("operator '" + op.name + "': has more multiply-accumulates than 2^53, the most that are counted");
    }
    all *= factor;
  }
  return all;
}

// Every output element of a convolution (every input element of a transposed one) meets the whole window in every
// channel of its group on the other side.
std::int64_t convolution_macs(const Graph& graph, const Operator& op) {
  const Tensor& input = graph.tensor(op.inputs.at(0));
  const Tensor& output = graph.tensor(op.outputs.at(0));
  const Tensor& swept = op.transposed ? input : output;
  const Tensor& reduced = op.transposed ? output : input;
  return product(op, {swept.elements(), reduced.shape.at(1) / op.groups, op.window.kernel[0], op.window.kernel[1]});
}

// Every output element is a dot product over the last axis of the input.
std::int64_t matrix_macs(const Graph& graph, const Operator& op) {
  const Tensor& input = graph.tensor(op.inputs.at(0));
  return product(op, {graph.tensor(op.outputs.at(0)).elements(), input.shape.empty() ? 1 : input.shape.back()});
}

// In the order of the enumeration.
constexpr OperatorTraits kOperators[] = {
    {OperatorKind::kConvolution, "convolution", convolution_macs, ChannelRule::kConvolution},
    {OperatorKind::kFullyConnected, "fully_connected", matrix_macs, ChannelRule::kFullyConnected},
    {OperatorKind::kMatMul, "matmul", matrix_macs, ChannelRule::kFrozen, "is an operand of the matrix product"},
    {OperatorKind::kBatchNormalization, "batch_normalization", nullptr, ChannelRule::kSame},
    {OperatorKind::kLayerNormalization, "layer_normalization", nullptr, ChannelRule::kSame},
    {OperatorKind::kMaxPool, "max_pool", nullptr, ChannelRule::kSame},
    {OperatorKind::kAveragePool, "average_pool", nullptr, ChannelRule::kSame},
    {OperatorKind::kGlobalAveragePool, "global_average_pool", nullptr, ChannelRule::kSame},
    {OperatorKind::kGlobalMaxPool, "global_max_pool", nullptr, ChannelRule::kSame},
    {OperatorKind::kReduce, "reduce", nullptr, ChannelRule::kReduce},
    {OperatorKind::kElementwise, "elementwise", nullptr, ChannelRule::kElementwise},
    {OperatorKind::kActivation, "activation", nullptr, ChannelRule::kSame},
    {OperatorKind::kPad, "pad", nullptr, ChannelRule::kSame},
    {OperatorKind::kConcat, "concat", nullptr, ChannelRule::kConcat},
    {OperatorKind::kSplit, "split", nullptr, ChannelRule::kSplit},
    {OperatorKind::kSlice, "slice", nullptr, ChannelRule::kSame},
    {OperatorKind::kGather, "gather", nullptr, ChannelRule::kGather},
    {OperatorKind::kResize, "resize", nullptr, ChannelRule::kSame},
    {OperatorKind::kTranspose, "transpose", nullptr, ChannelRule::kTranspose},
    {OperatorKind::kReshape, "reshape", nullptr, ChannelRule::kReshape},
    {OperatorKind::kSoftmax, "softmax", nullptr, ChannelRule::kSame},
    {OperatorKind::kLocalResponseNormalization, "local_response_normalization", nullptr, ChannelRule::kSame},
    {OperatorKind::kHost, "host", nullptr, ChannelRule::kFrozen, "is read or written by the host in"},
};
static_assert(std::size(kOperators) == kOperatorKindCount);

// In the order of the enumeration.
constexpr ActivationTraits kActivations[] = {
    {ActivationFunction::kNone, "none", true},
    {ActivationFunction::kRelu, "relu", true},
    {ActivationFunction::kRelu6, "relu6", true},
    {ActivationFunction::kClip, "clip", true},
    {ActivationFunction::kLeakyRelu, "leaky_relu", true},
    {ActivationFunction::kPRelu, "prelu", true},
    {ActivationFunction::kElu, "elu", false},
    {ActivationFunction::kSigmoid, "sigmoid", false},
    {ActivationFunction::kHardSigmoid, "hard_sigmoid", true},
    {ActivationFunction::kTanh, "tanh", false},
    {ActivationFunction::kHardSwish, "hard_swish", true},
    {ActivationFunction::kSilu, "silu", false},
    {ActivationFunction::kGelu, "gelu", false},
    {ActivationFunction::kErf, "erf", false},
    {ActivationFunction::kExp, "exp", false},
    {ActivationFunction::kLog, "log", false},
    {ActivationFunction::kSqrt, "sqrt", false},
    {ActivationFunction::kSoftplus, "softplus", false},
    {ActivationFunction::kReciprocal, "reciprocal", false},
    {ActivationFunction::kNegate, "negate", true},
    {ActivationFunction::kAbs, "abs", true},
    {ActivationFunction::kFloor, "floor", true},
    {ActivationFunction::kCast, "cast", true},
};
static_assert(std::size(kActivations) == kActivationFunctionCount);

constexpr bool are_in_order() {
  for (std::size_t i = 0; i < std::size(kOperators); ++i) {
    if (kOperators[i].kind != static_cast<OperatorKind>(i)) return false;
  }
  for (std::size_t i = 0; i < std::size(kActivations); ++i) {
    if (kActivations[i].function != static_cast<ActivationFunction>(i)) return false;
  }
  return true;
}
static_assert(are_in_order());

template <class Traits, std::size_t N, class Enum>
const Traits& row_of(const Traits (&table)[N], Enum value) {
  const auto index = static_cast<std::size_t>(value);
  if (index >= N) throw InternalError("an enumerator has no traits");
  return table[index];
}

}  // namespace

const OperatorTraits& traits_of(OperatorKind kind) { return row_of(kOperators, kind); }
const ActivationTraits& traits_of(ActivationFunction function) { return row_of(kActivations, function); }

const char* to_string(OperatorKind kind) { return traits_of(kind).name; }
const char* to_string(ActivationFunction function) { return traits_of(function).name; }

}  // namespace lanewise::network
