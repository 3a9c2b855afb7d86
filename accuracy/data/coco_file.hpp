// SPDX-License-Identifier: Apache-2.0
// COCO's annotation files (JSON): images, boxes and categories. What else they hold, segmentations above all, is passed
// over and takes no memory. Private to this module, and tried by its fuzz target.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "accuracy/data/dataset_report.hpp"

namespace lanewise::accuracy {

struct CocoFile {
  struct ImageRecord {
    std::int64_t id = 0;
    std::string name;                    // relative to the folder of images
    std::int64_t height = 0, width = 0;  // 0: not stated
  };
  struct Annotation {
    std::size_t image = 0;        // index into images
    int label = 0;                // index into categories
    std::array<double, 4> box{};  // left, top, width, height
    double area = -1;             // negative: not stated
    bool is_crowd = false;
    std::int64_t number = 0;  // in the file, from 1
  };
  struct Category {
    std::int64_t id = 0;
    std::string name;
  };
  std::vector<ImageRecord> images;  // as the file has them
  std::vector<Annotation> annotations;
  std::vector<Category> categories;  // by ascending id
};

// Throws Error "PATH: …" for what is no JSON, misses what is needed, names an image or a category that is not there,
// gives an id twice or names a file outside of the folder. Annotations without a box are counted and left out.
CocoFile read_coco_file(const std::string& path, DatasetReport& report);

}  // namespace lanewise::accuracy
