// SPDX-License-Identifier: Apache-2.0
// From a file as it is written to a network whose every shape is known.
#pragma once

#include <onnx/onnx_pb.h>

#include <functional>
#include <string>

#include "core/network/import.hpp"
#include "core/network/onnx/network.hpp"

namespace lanewise::network::importing {

// Walks the nodes in order, once: what depends on constants alone is evaluated, what only renames, converts or
// quantises becomes its input, an If with a constant condition becomes its branch, a loop its iterations, and every
// other output gets its shape from its rule (rules/rule.hpp; or, where that depends on data, from the file).
// `is_supported` says which operator types the next step knows. `model` must outlive the network. Throws Error naming
// the file and the node or tensor.
Network resolve_shapes(const onnx::ModelProto& model, const std::string& path, const ImportOptions& options,
                       const std::function<bool(const std::string&)>& is_supported);

// The first dimension of the file's data inputs, where it fixes one and `options` ask for another. Throws Error where
// inputs fix different ones.
std::optional<std::int64_t> replaced_batch(const onnx::ModelProto& model, const std::string& path,
                                           const ImportOptions& options);

}  // namespace lanewise::network::importing
