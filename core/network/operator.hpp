// SPDX-License-Identifier: Apache-2.0
// Tensors and operators of a network. The shapes of images are [batch, channels, height, width], as in ONNX. What is
// known of each operator kind stands in operator_traits.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/precision.hpp"
#include "core/network/weight_form.hpp"

namespace lanewise::network {

using TensorId = int;
using OperatorId = int;

enum class TensorRole { kActivation, kWeight, kGraphInput };

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;  // every dimension known and >= 1; a scalar has none
  Precision precision = Precision::kFp32;
  TensorRole role = TensorRole::kActivation;
  // How many of the numbers were trained, where folding made a weight larger or smaller than what the file holds: a
  // table of biases gathered into a full map, a mask that was computed. Unset: all elements.
  std::optional<std::int64_t> trained = std::nullopt;
  WeightForm form = {};  // of a weight

  std::int64_t elements() const;
  std::int64_t parameters() const;  // trained numbers of a weight
};

enum class OperatorKind {
  // Over one or two spatial axes; grouped, depthwise, dilated, strided or transposed. Tensors have four dimensions, as
  // those of poolings do; with one spatial axis the height is 1. The weight is [outputs, inputs per group, height,
  // width], that of a transposed convolution [inputs, outputs per group, height, width].
  kConvolution,
  kFullyConnected,  // activation x weight matrix: Gemm, or MatMul with a weight; the weight is [outputs, inputs]
  kMatMul,          // activation x activation; a constant left operand or a stack of matrices is an input too
  kBatchNormalization,
  kLayerNormalization,
  kMaxPool,
  kAveragePool,
  kGlobalAveragePool,
  kGlobalMaxPool,
  kReduce,       // ReduceMean, ReduceSum, ReduceMax … over `axes`
  kElementwise,  // two or more tensors with broadcasting; `elementwise` names the function, constants are weights
  kActivation,   // one tensor in, one of the same shape out; `activation` names the function
  kPad,
  kConcat,  // constant parts are weights
  kSplit,   // one input, several outputs along `axes`
  kSlice,
  kGather,  // a constant table is a weight; constant indices are no tensor
  kResize,  // also Expand and Tile: what is read once and written several times
  kTranspose,
  kReshape,  // Reshape, Flatten, Squeeze, Unsqueeze, Identity: the bytes stay where they are
  kSoftmax,
  kLocalResponseNormalization,  // over a window of neighbouring channels
  kHost,                        // an operator that no engine runs; `source_type` names it
};
inline constexpr int kOperatorKindCount = 23;
// As JSON and the command line give it: "convolution", "fully_connected", …
const char* to_string(OperatorKind kind);

enum class ActivationFunction {
  kNone,
  kRelu,
  kRelu6,
  kClip,
  kLeakyRelu,
  kPRelu,
  kElu,
  kSigmoid,
  kHardSigmoid,
  kTanh,
  kHardSwish,
  kSilu,
  kGelu,
  kErf,
  kExp,
  kLog,
  kSqrt,
  kSoftplus,
  kReciprocal,
  kNegate,
  kAbs,
  kFloor,
  kCast,
};
inline constexpr int kActivationFunctionCount = 23;
const char* to_string(ActivationFunction function);  // "none", "relu", "hard_swish", …

enum class ElementwiseFunction { kAdd, kSubtract, kMultiply, kDivide, kMaximum, kMinimum, kPower, kCompare, kSelect };
const char* to_string(ElementwiseFunction function);

// The identifier of no tensor and of no operator. Declared after the enumerations, since their enumerators kNone would
// otherwise shadow it (-Wshadow).
inline constexpr int kNone = -1;

// The sliding window of a convolution or pooling; [0] is the height, [1] the width. With
//   span = (kernel - 1) * dilation + 1
// the output of a window has, along each axis,
//   out = (in + pad_begin + pad_end - span) / stride + 1, rounded down,
// and that of a transposed one
//   out = (in - 1) * stride + span - pad_begin - pad_end,
// where the output padding of a file has been taken off pad_end, which may become negative.
struct Window {
  std::int64_t kernel[2] = {1, 1};
  std::int64_t stride[2] = {1, 1};
  std::int64_t dilation[2] = {1, 1};
  std::int64_t pad_begin[2] = {0, 0};
  std::int64_t pad_end[2] = {0, 0};
  bool operator==(const Window& other) const;
};

struct Operator {
  std::string name;  // unique within its graph
  OperatorKind kind = OperatorKind::kReshape;
  std::string source_type;        // operator type in the file that it came from: "Conv"
  std::vector<TensorId> inputs;   // activations and graph inputs, in the operator's order
  std::vector<TensorId> weights;  // the weight first, then the bias or other parameters
  std::vector<TensorId> outputs;
  Window window;                                                // kConvolution, kMaxPool, kAveragePool
  std::int64_t groups = 1;                                      // kConvolution
  bool transposed = false;                                      // kConvolution
  ActivationFunction activation = ActivationFunction::kNone;    // kActivation
  ElementwiseFunction elementwise = ElementwiseFunction::kAdd;  // kElementwise
  // Counted from 0. One axis for kConcat, kSplit, kGather and, mostly, kSoftmax; the permutation for kTranspose; all
  // axes concerned for kReduce and kLayerNormalization; for kResize those repeated as a whole, none if interpolated.
  std::vector<std::int64_t> axes;
  std::vector<std::int64_t> offsets;  // kSlice: the first index along each of `axes`; kPad: padding before every axis
  std::vector<std::int64_t> steps;    // kSlice: the step along each of `axes`; empty: 1 everywhere
};

}  // namespace lanewise::network
