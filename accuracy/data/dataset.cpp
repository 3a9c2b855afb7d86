// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/dataset.hpp"

#include "core/base/error.hpp"

namespace lanewise::accuracy {

const char* to_string(Task task) {
  switch (task) {
    case Task::kClassification:
      return "classification";
    case Task::kDetection:
      return "detection";
    case Task::kSegmentation:
      return "segmentation";
  }
  throw InternalError("no such task");
}

std::int64_t Dataset::images() const {
  const std::int64_t elements = image_elements();
  return elements == 0 ? 0 : static_cast<std::int64_t>(pixels.size()) / elements;
}

}  // namespace lanewise::accuracy
