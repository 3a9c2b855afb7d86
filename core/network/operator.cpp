// SPDX-License-Identifier: Apache-2.0
#include "core/network/operator.hpp"

#include <algorithm>
#include <iterator>

#include "core/base/error.hpp"

namespace lanewise::network {

namespace {

constexpr const char* kElementwiseNames[] = {"add",     "subtract", "multiply", "divide", "maximum",
                                             "minimum", "power",    "compare",  "select"};

}  // namespace

std::int64_t Tensor::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) product *= dimension;
  return product;
}

std::int64_t Tensor::parameters() const { return trained.value_or(elements()); }

const char* to_string(ElementwiseFunction function) {
  const auto index = static_cast<std::size_t>(function);
  if (index >= std::size(kElementwiseNames)) throw InternalError("an element-wise function has no name");
  return kElementwiseNames[index];
}

bool Window::operator==(const Window& other) const {
  const auto same = [](const std::int64_t(&a)[2], const std::int64_t(&b)[2]) { return std::equal(a, a + 2, b); };
  return same(kernel, other.kernel) && same(stride, other.stride) && same(dilation, other.dilation) &&
         same(pad_begin, other.pad_begin) && same(pad_end, other.pad_end);
}

}  // namespace lanewise::network
