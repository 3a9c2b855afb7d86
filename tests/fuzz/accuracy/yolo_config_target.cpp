// SPDX-License-Identifier: Apache-2.0
// YOLO's descriptions of data sets, beside images/ and labels/ of train and val.
#include "core/base/output_file.hpp"
#include "tests/fuzz/accuracy/targets.hpp"

namespace lanewise::fuzz {

void read_yolo_config(const std::string& path, const std::string& folder) {
  for (const char* split : {"train", "val"}) {
    const std::string name = std::string(split) + "/a";
    place_picture(folder + "/set/images/" + name + ".png");
    write_file(folder + "/set/labels/" + name + ".txt", "0 .5 .5 .5 .5\n");
  }
  place(path, folder + "/set/data.yaml");
  load_and_check(folder + "/set", "yolo");
}

}  // namespace lanewise::fuzz
