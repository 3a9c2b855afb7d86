// SPDX-License-Identifier: Apache-2.0
// Constant folding: what shape arithmetic computes, evaluated on its numbers.
#pragma once

#include <onnx/onnx_pb.h>

#include <optional>
#include <string>
#include <vector>

#include "core/network/onnx/constant.hpp"

namespace lanewise::network::importing {

bool is_evaluated(const std::string& type);

// The outputs of a node whose inputs are all constants (null where an optional input is absent). `shapes` are the
// outputs' shapes where shape inference knows them. Nothing when the operator, or these numbers, are not evaluated.
std::optional<std::vector<Constant>> evaluate(const onnx::NodeProto& node, const std::vector<const Constant*>& inputs,
                                              const std::vector<std::optional<Shape>>& shapes);

// One sliced axis: `count` indices from `start`, `step` apart (negative: backwards).
struct SliceRange {
  std::int64_t axis = 0, start = 0, step = 1, count = 0;
};
// Slice's starts and ends as they fall within `shape`: counted from the front and clamped. `axes` and `steps` may be
// empty. Nothing when they contradict each other or the shape.
std::optional<std::vector<SliceRange>> slice_ranges(const Shape& shape, const std::vector<std::int64_t>& starts,
                                                    const std::vector<std::int64_t>& ends,
                                                    const std::vector<std::int64_t>& axes,
                                                    const std::vector<std::int64_t>& steps);

}  // namespace lanewise::network::importing
