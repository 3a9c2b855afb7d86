// SPDX-License-Identifier: Apache-2.0
// A network measured on images.
#pragma once

#include <torch/torch.h>

#include "accuracy/network/graph_module.hpp"
#include "accuracy/training/device.hpp"
#include "accuracy/training/objective.hpp"

namespace lanewise::accuracy {

struct Measured {
  std::vector<Metric> metrics;
  double loss = 0;  // the objective's, mean over the images
};

// Of the first `count` images, `batch` at a time, in evaluation mode, in which the module is left. count >= 1.
Measured evaluate(GraphModule& module, const Objective& objective, const Dataset& images, std::int64_t count,
                  std::int64_t batch, const Normalisation& normalisation, const ComputeDevice& compute,
                  const Progress& progress);

}  // namespace lanewise::accuracy
