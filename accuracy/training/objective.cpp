// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/objective.hpp"

#include "accuracy/training/detection.hpp"
#include "accuracy/training/segmentation.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {

const std::vector<ObjectiveKind>& objective_kinds() {
  static const std::vector<ObjectiveKind> all = {
      {Task::kClassification, make_classification},
      {Task::kDetection, make_detection},
      {Task::kSegmentation, make_segmentation},
  };
  return all;
}

std::unique_ptr<Objective> make_objective(const network::Graph& graph, const Dataset& data, const Recipe& recipe) {
  for (const ObjectiveKind& kind : objective_kinds()) {
    if (kind.task == data.task) return kind.make(graph, data, recipe);
  }
  throw Error(std::string("nothing is there yet that trains ") + to_string(data.task));
}

}  // namespace lanewise::accuracy
