// SPDX-License-Identifier: Apache-2.0
// From a file as it is written to a network whose every shape is known.
#pragma once

#include <onnx/onnx_pb.h>

#include <functional>
#include <string>

#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

// Walks the nodes in order, once: what depends on constants alone is evaluated, what only renames, converts or
// quantises becomes its input, an If with a constant condition becomes its branch, and every other output gets its
// shape from its rule (rules/rule.hpp; or, where that depends on data, from the file). `is_supported` says which
// operator types the next step knows. `model` must outlive the network. Throws Error naming the file and the node or
// tensor.
Network resolve_shapes(const onnx::ModelProto& model, const std::string& path, std::int64_t batch,
                       const std::function<bool(const std::string&)>& is_supported);

}  // namespace lanewise::network::importing
