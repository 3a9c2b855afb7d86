// SPDX-License-Identifier: Apache-2.0
// The rows of lowering.hpp, one list per file of this folder.
#pragma once

#include <vector>

#include "core/network/onnx/lowering.hpp"

namespace lanewise::network::importing {

const std::vector<LoweringRow>& depth_lowerings();
const std::vector<LoweringRow>& einsum_lowerings();
const std::vector<LoweringRow>& legacy_lowerings();
const std::vector<LoweringRow>& activation_lowerings();
const std::vector<LoweringRow>& attention_lowerings();
const std::vector<LoweringRow>& embedding_lowerings();
const std::vector<LoweringRow>& microsoft_attention_lowerings();
const std::vector<LoweringRow>& normalization_lowerings();
const std::vector<LoweringRow>& product_lowerings();
const std::vector<LoweringRow>& window_lowerings();

}  // namespace lanewise::network::importing
