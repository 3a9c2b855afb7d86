// SPDX-License-Identifier: Apache-2.0
// What shape each node's outputs have, by the table of rules, one node at a time.
#pragma once

#include <optional>
#include <vector>

#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

// Whether an operator of the default domain that no conversion knows can go to the host: one that takes tensors to
// tensors, without multiply-accumulates or a loop that its tensors' sizes say nothing of.
bool is_host_operator(const std::string& type);

// Throws Error where a node of the default domain has too many or too few inputs or outputs, an attribute twice or in
// another form than its operator wants, or one whose value no operator could take. Nothing for types without a rule.
void check_node(const Network& network, const Node& node);

// The shape of each of a node's outputs, nothing where it depends on data. `input_types` are the element types of its
// inputs; `types` becomes those of its outputs. The node must have passed check_node. Throws Error when there is no
// such operator, or its inputs or attributes contradict it.
std::vector<std::optional<Shape>> infer_shapes(const Network& network, const Node& node,
                                               const std::vector<int>& input_types, std::vector<int>& types);

// The shape in a declared type; nothing unless every dimension is a number.
std::optional<Shape> complete_shape(const onnx::TypeProto& type);

}  // namespace lanewise::network::importing
