// SPDX-License-Identifier: Apache-2.0
// libonnx's shape inference, one node at a time.
#pragma once

#include <optional>
#include <vector>

#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

// Whether an operator of the default domain that no conversion knows can go to the host: one of ONNX's own that takes
// tensors to tensors, without multiply-accumulates or a loop that its tensors' sizes say nothing of.
bool is_host_operator(const std::string& type);

// The shape of each of a node's outputs, nothing where inference has no complete answer. `input_types` are the element
// types of its inputs; `types` becomes those of its outputs. Throws Error when the operator set has no such operator,
// or its inputs or attributes contradict it.
std::vector<std::optional<Shape>> infer_shapes(const Network& network, const Node& node,
                                               const std::vector<int>& input_types, std::vector<int>& types);

// The shape in a declared type; nothing unless every dimension is a number.
std::optional<Shape> complete_shape(const onnx::TypeProto& type);

}  // namespace lanewise::network::importing
