// SPDX-License-Identifier: Apache-2.0
// Where a network is trained, and in which precision.
#pragma once

#include <torch/torch.h>

#include <string>

#include "accuracy/training/recipe.hpp"
#include "accuracy/training/train.hpp"

namespace lanewise::accuracy {

struct ComputeDevice {
  torch::Device device = torch::kCPU;
  bool is_mixed = false;  // operations that stand it in bf16, weights and their changes in fp32
};
// Throws Error where a GPU is asked for and libtorch sees none.
ComputeDevice choose_compute(Device device, Recipe::Precision precision);

// Operations are run in bf16 where that is asked for, as long as an object of this class lives.
class MixedPrecision {
 public:
  explicit MixedPrecision(const ComputeDevice& compute);
  ~MixedPrecision();
  MixedPrecision(const MixedPrecision&) = delete;
  MixedPrecision& operator=(const MixedPrecision&) = delete;

 private:
  ComputeDevice compute_;
};

// Lets this process keep the memory that it frees: every step takes the same blocks, and to give them back and be given
// them anew, cleared, takes a fifth of its time.
void keep_freed_memory();

}  // namespace lanewise::accuracy
