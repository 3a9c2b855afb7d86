// SPDX-License-Identifier: Apache-2.0
// PNG files as images.
#include "accuracy/data/decode_image.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_png(const std::string& path, const std::string& folder) {
  const accuracy::Image image = accuracy::read_image(path);
  if (image.pixels.size() != static_cast<std::size_t>(image.channels * image.height * image.width)) {
    throw Nonsense("sizes and pixels differ");
  }
  place(path, folder + "/png/class/a.png");
  place_picture(folder + "/png/class/b.png");
  load_and_check(folder + "/png", "image-folder");
}

}  // namespace lanewise::fuzz
