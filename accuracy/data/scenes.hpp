// SPDX-License-Identifier: Apache-2.0
// Scenes composed of Fashion-MNIST's items: small data sets for detection and segmentation that are the same bytes
// everywhere, made by whole numbers alone.
#pragma once

#include <cstdint>
#include <vector>

#include "accuracy/data/dataset.hpp"

namespace lanewise::accuracy {

inline constexpr std::int64_t kSceneSide = 64, kTrainScenes = 10000, kTestScenes = 2000;

struct Scene {
  std::vector<std::uint8_t> pixels, mask;  // [64, 64]; the mask holds class + 1, 0 where nothing is
  std::vector<Box> boxes;                  // tight around each object's pixels, those that others hide included
};

// Scene `index` of split 0 (training) or 1 (test), of items that are 28x28 grey images with labels. Throws
// InternalError for items of another shape.
Scene compose_scene(const Dataset& items, int split, std::int64_t index);

}  // namespace lanewise::accuracy
