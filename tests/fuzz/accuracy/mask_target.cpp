// SPDX-License-Identifier: Apache-2.0
// PNG files as masks, each of itself as an image.
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_mask(const std::string& path, const std::string& folder) {
  place(path, folder + "/mask/images/a.png");
  place(path, folder + "/mask/masks/a.png");
  load_and_check(folder + "/mask", "mask-folder");
}

}  // namespace lanewise::fuzz
