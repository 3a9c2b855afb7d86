// SPDX-License-Identifier: Apache-2.0
// libonnx's shape inference, one node at a time.
#pragma once

#include <optional>
#include <vector>

#include "network/onnx_network.hpp"

namespace lanewise::network::importing {

// The shape of each of a node's outputs, nothing where inference has no complete answer. `input_types` are the element
// types of its inputs; `types` becomes those of its outputs. Throws Error when the operator set has no such operator,
// or its inputs or attributes contradict it.
std::vector<std::optional<Shape>> infer_shapes(const Network& network, const Node& node,
                                               const std::vector<int>& input_types, std::vector<int>& types);

// The shape in a declared type; nothing unless every dimension is a number.
std::optional<Shape> complete_shape(const onnx::TypeProto& type);

}  // namespace lanewise::network::importing
