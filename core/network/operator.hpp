// SPDX-License-Identifier: Apache-2.0
// Tensors and operators of a network, in the field's terms. Shapes are NCHW, as in ONNX.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/precision.hpp"

namespace lanewise::network {

using TensorId = int;
using OperatorId = int;

enum class TensorRole { kActivation, kWeight, kGraphInput };

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;  // every dimension known and >= 1; a scalar has none
  Precision precision = Precision::kFp32;
  TensorRole role = TensorRole::kActivation;
  // Weights that folding made larger or smaller than what the file trains: a bias table gathered into a full map, a
  // mask that was computed. Unset: the elements.
  std::optional<std::int64_t> trained = std::nullopt;

  std::int64_t elements() const;
  std::int64_t parameters() const;  // of a weight, as networks are counted
};

enum class OperatorKind {
  // 1-D and 2-D: grouped, depthwise, dilated, strided, transposed. As for poolings, tensors have four dimensions, 1-D
  // ones height 1. Weight: [outputs, inputs of a group, height, width], transposed [inputs, outputs of a group, …].
  kConvolution,
  kFullyConnected,  // activation x weight matrix: Gemm, or MatMul with a weight. Weight: [outputs, inputs]
  kMatMul,          // activation x activation; a constant left operand or stack of matrices is an input too
  kBatchNormalization,
  kLayerNormalization,
  kMaxPool,
  kAveragePool,
  kGlobalAveragePool,
  kGlobalMaxPool,
  kReduce,       // ReduceMean, ReduceSum, ReduceMax … over `axes`
  kElementwise,  // two or more tensors, broadcasting: `elementwise` says which; constant ones are weights
  kActivation,   // one tensor in, the same shape out: `activation` says which
  kPad,
  kConcat,  // constant parts are weights
  kSplit,   // one input, several outputs along `axis`
  kSlice,
  kGather,  // a constant table is a weight; constant indices are no tensor
  kResize,  // also Expand and Tile: what is read once and written several times
  kTranspose,
  kReshape,  // Reshape, Flatten, Squeeze, Unsqueeze, Identity: bytes stay where they are
  kSoftmax,
  kLocalResponseNormalization,  // over a window of neighbouring channels
  kHost,                        // nothing that an engine does: tensors in, tensors out, `source_type` says what
};
inline constexpr int kOperatorKindCount = 23;
// "convolution", "fully_connected", …
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

// No tensor, no operator. It stands below the enumerations, whose kNone would otherwise shadow it (-Wshadow).
inline constexpr int kNone = -1;

// Sliding window of a convolution or pooling, [0] = height, [1] = width. With span = (kernel - 1) * dilation + 1:
// out = (in + pad_begin + pad_end - span) / stride + 1, rounded down; transposed: out = (in - 1) * stride + span -
// pad_begin
// - pad_end, where a file's output padding has made pad_end smaller, perhaps negative.
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
  std::string source_type;        // operator type in the file it came from ("Conv")
  std::vector<TensorId> inputs;   // activations (and graph inputs), in the operator's order
  std::vector<TensorId> weights;  // weight first, then bias or other parameters
  std::vector<TensorId> outputs;
  Window window;                                                // convolution and pooling
  std::int64_t groups = 1;                                      // convolution
  bool transposed = false;                                      // convolution
  ActivationFunction activation = ActivationFunction::kNone;    // kActivation
  ElementwiseFunction elementwise = ElementwiseFunction::kAdd;  // kElementwise
  // Concat, split, gather, softmax: one axis; transpose: the permutation; reduce, layer normalization: all; each >= 0.
  std::vector<std::int64_t> axes;
  std::vector<std::int64_t> offsets;  // slice: the first index along each axis of `axes`; pad: begin pads, all axes
  std::vector<std::int64_t> steps;    // slice: along each axis of `axes`; none: 1 everywhere
};

}  // namespace lanewise::network
