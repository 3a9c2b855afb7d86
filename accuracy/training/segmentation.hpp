// SPDX-License-Identifier: Apache-2.0
// Segmentation as a task to be trained: docs/dense_tasks.md.
#pragma once

#include <memory>

#include "accuracy/training/objective.hpp"

namespace lanewise::accuracy {

// Cross-entropy of every pixel that is not ignored. A network whose map is smaller than the mask is judged on the map
// bilinearly enlarged to it. Metrics are "miou" and "pixel_accuracy". Throws Error where the network has another output
// than one map [batch, classes, rows, columns].
std::unique_ptr<Objective> make_segmentation(const network::Graph& graph, const Dataset& data, const Recipe& recipe);

}  // namespace lanewise::accuracy
