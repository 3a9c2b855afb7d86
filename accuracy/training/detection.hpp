// SPDX-License-Identifier: Apache-2.0
// Detection as a task to be trained: docs/dense_tasks.md.
#pragma once

#include <memory>

#include "accuracy/training/objective.hpp"

namespace lanewise::accuracy {

// A detector with anchors learns SmoothL1 of offsets, and classes by the focal loss or, with a background, by
// cross-entropy with hard negatives, both over the number of positions with an object. One without anchors learns the
// focal loss over that number and 2·(1 − generalised IoU), the mean over these positions. Metrics are "map50_95" and so
// on, as COCO defines them. Throws Error where the network is no detector of the data's classes.
std::unique_ptr<Objective> make_detection(const network::Graph& graph, const Dataset& data, const Recipe& recipe);

}  // namespace lanewise::accuracy
