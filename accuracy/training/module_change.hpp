// SPDX-License-Identifier: Apache-2.0
// What a training does to the network that it trains beside changing weights: rounding, pruning and the like.
#pragma once

#include "accuracy/network/graph_module.hpp"
#include "accuracy/training/checkpoint.hpp"
#include "accuracy/training/device.hpp"

namespace lanewise::accuracy {

class ModuleChange {
 public:
  virtual ~ModuleChange() = default;
  // Called once, before the first step, with the module on its device and its first weights in it, also where a
  // checkpoint's weights take their place afterwards. What it sets of the module holds in training and where it is
  // measured and written.
  virtual void attach(GraphModule& module, const ComputeDevice& compute) = 0;
  // What makes two changes the same: trainings with another change do not go on with a checkpoint.
  virtual Checkpoint::Texts identity() const = 0;
};

}  // namespace lanewise::accuracy
