// SPDX-License-Identifier: Apache-2.0
// YOLO's label files, each of one image.
#include "core/base/output_file.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_yolo_labels(const std::string& path, const std::string& folder) {
  place_picture(folder + "/yolo_labels/images/a.png");
  place(path, folder + "/yolo_labels/labels/a.txt");
  write_file(folder + "/yolo_labels/classes.txt", "cat\ndog\n");
  load_and_check(folder + "/yolo_labels", "yolo");
}

}  // namespace lanewise::fuzz
