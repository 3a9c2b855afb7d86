// SPDX-License-Identifier: Apache-2.0
// The activation function that a fused operator names.
#pragma once

#include <string>

#include "core/network/onnx/lowerings/writer.hpp"

namespace lanewise::network::importing {

// Applies "Relu", "LeakyRelu", "Clip" … to x. Fails at the node where the name is no function of one tensor.
Writer::Tensor fused_activation(Writer& writer, const Writer::Tensor& x, const std::string& name);

}  // namespace lanewise::network::importing
