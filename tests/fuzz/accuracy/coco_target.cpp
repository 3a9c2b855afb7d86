// SPDX-License-Identifier: Apache-2.0
// COCO's annotation files, beside two images.
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_coco(const std::string& path, const std::string& folder) {
  place(path, folder + "/coco/boxes.json");
  place_picture(folder + "/coco/a.png");
  place_picture(folder + "/coco/b.png");
  load_and_check(folder + "/coco", "coco");
}

}  // namespace lanewise::fuzz
