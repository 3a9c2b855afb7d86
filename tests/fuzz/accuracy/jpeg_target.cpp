// SPDX-License-Identifier: Apache-2.0
// JPEG files.
#include "accuracy/data/decode_image.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_jpeg(const std::string& path, const std::string& folder) {
  const accuracy::Image image = accuracy::read_image(path);
  if (image.pixels.size() != static_cast<std::size_t>(image.channels * image.height * image.width)) {
    throw Nonsense("sizes and pixels differ");
  }
  place(path, folder + "/jpeg/class/a.jpg");
  place_picture(folder + "/jpeg/class/b.png");
  load_and_check(folder + "/jpeg", "image-folder");
}

}  // namespace lanewise::fuzz
