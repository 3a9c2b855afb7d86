// SPDX-License-Identifier: Apache-2.0
// Tensors as the arrays of a checkpoint.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "accuracy/training/checkpoint.hpp"

namespace lanewise::accuracy {

// Named "BEGINNING0", "BEGINNING1" and so on; row-major whatever their order in memory.
std::vector<Checkpoint::Array> to_arrays(const std::string& beginning, const std::vector<torch::Tensor>& tensors);
// Overwrites the tensors with the arrays of these names. Throws Error naming `path` where one is missing or of another
// shape or type.
void from_arrays(const std::string& path, const Checkpoint& checkpoint, const std::string& beginning,
                 const std::vector<torch::Tensor>& tensors);

}  // namespace lanewise::accuracy
