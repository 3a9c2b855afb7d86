// SPDX-License-Identifier: Apache-2.0
// How good a detector is.
#pragma once

#include <memory>

#include "accuracy/training/detection_decoding.hpp"
#include "accuracy/training/objective.hpp"

namespace lanewise::accuracy {

// Decodes every image and keeps what was found beside what is there. `class_output` and `box_output` are indices of the
// network's outputs.
std::unique_ptr<Evaluation> make_detection_scores(DetectionDecoder decoder, std::size_t class_output,
                                                  std::size_t box_output, std::size_t classes);

}  // namespace lanewise::accuracy
