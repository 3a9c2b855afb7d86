// SPDX-License-Identifier: Apache-2.0
// YOLO's label files, each of one image.
#include "core/base/output_file.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_yolo_labels(const std::string& path, const std::string& folder) {
  place_picture(folder + "/set/images/a.png");
  place(path, folder + "/set/labels/a.txt");
  write_file(folder + "/set/classes.txt", "cat\ndog\n");
  load_and_check(folder + "/set", "yolo");
}

}  // namespace lanewise::fuzz
