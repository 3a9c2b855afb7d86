// SPDX-License-Identifier: Apache-2.0
// Constant folding of operators that compute new numbers.
#pragma once

#include <onnx/onnx_pb.h>

#include <optional>
#include <string>
#include <vector>

#include "core/network/onnx/constant.hpp"

namespace lanewise::network::importing {

bool is_arithmetic(const std::string& type);

// Nothing when the numbers cannot be computed: a division by zero, an overflow, shapes that do not broadcast.
std::optional<Constant> evaluate_arithmetic(const onnx::NodeProto& node, const std::vector<const Constant*>& inputs);

}  // namespace lanewise::network::importing
