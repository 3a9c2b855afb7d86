// SPDX-License-Identifier: Apache-2.0
// Boxes brought to where their image is stored. Private to this module.
#pragma once

#include "accuracy/data/dataset.hpp"

namespace lanewise::accuracy {

// The box of an image in its file, at the place where the image is stored.
inline Box placed(Box box, const Placement& at) {
  box.left = box.left * at.scale_x + at.offset_x;
  box.right = box.right * at.scale_x + at.offset_x;
  box.top = box.top * at.scale_y + at.offset_y;
  box.bottom = box.bottom * at.scale_y + at.offset_y;
  return box;
}

}  // namespace lanewise::accuracy
