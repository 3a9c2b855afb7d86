// SPDX-License-Identifier: Apache-2.0
#include "core/network/operator.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::network {

namespace {

constexpr const char* kOperatorNames[] = {
    "convolution",
    "fully_connected",
    "matmul",
    "batch_normalization",
    "layer_normalization",
    "max_pool",
    "average_pool",
    "global_average_pool",
    "global_max_pool",
    "reduce",
    "elementwise",
    "activation",
    "pad",
    "concat",
    "split",
    "slice",
    "gather",
    "resize",
    "transpose",
    "reshape",
    "softmax",
    "local_response_normalization",
    "host",
};
static_assert(sizeof(kOperatorNames) / sizeof(kOperatorNames[0]) == kOperatorKindCount);

constexpr const char* kActivationNames[] = {
    "none",         "relu",     "relu6",      "clip",   "leaky_relu", "prelu", "elu",  "sigmoid",
    "hard_sigmoid", "tanh",     "hard_swish", "silu",   "gelu",       "erf",   "exp",  "log",
    "sqrt",         "softplus", "reciprocal", "negate", "abs",        "floor", "cast",
};
static_assert(sizeof(kActivationNames) / sizeof(kActivationNames[0]) == kActivationFunctionCount);

constexpr const char* kElementwiseNames[] = {"add",     "subtract", "multiply", "divide", "maximum",
                                             "minimum", "power",    "compare",  "select"};

template <class Enum, std::size_t N>
const char* name_of(const char* const (&names)[N], Enum value) {
  const auto index = static_cast<std::size_t>(value);
  if (index >= N) throw InternalError("an enumerator has no name");
  return names[index];
}

}  // namespace

std::int64_t Tensor::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) product *= dimension;
  return product;
}

std::int64_t Tensor::parameters() const { return trained.value_or(elements()); }

const char* to_string(OperatorKind kind) { return name_of(kOperatorNames, kind); }
const char* to_string(ActivationFunction function) { return name_of(kActivationNames, function); }
const char* to_string(ElementwiseFunction function) { return name_of(kElementwiseNames, function); }

bool Window::operator==(const Window& other) const {
  const auto same = [](const std::int64_t(&a)[2], const std::int64_t(&b)[2]) { return std::equal(a, a + 2, b); };
  return same(kernel, other.kernel) && same(stride, other.stride) && same(dilation, other.dilation) &&
         same(pad_begin, other.pad_begin) && same(pad_end, other.pad_end);
}

}  // namespace lanewise::network
