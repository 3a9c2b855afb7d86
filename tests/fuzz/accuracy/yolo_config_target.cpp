// SPDX-License-Identifier: Apache-2.0
// YOLO's descriptions of data sets, beside images/ and labels/ of train and val.
#include <filesystem>

#include "core/base/output_file.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_yolo_config(const std::string& path, const std::string& folder) {
  for (const char* split : {"train", "val"}) {
    const std::string name = std::string(split) + "/a";
    place_picture(folder + "/yolo_config/images/" + name + ".png");
    std::filesystem::create_directories(folder + "/yolo_config/labels/" + split);
    write_file(folder + "/yolo_config/labels/" + name + ".txt", "0 .5 .5 .5 .5\n");
  }
  place(path, folder + "/yolo_config/data.yaml");
  load_and_check(folder + "/yolo_config", "yolo");
}

}  // namespace lanewise::fuzz
