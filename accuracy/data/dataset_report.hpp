// SPDX-License-Identifier: Apache-2.0
// What was read of a data set, and what was left out of it and why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "accuracy/data/dataset.hpp"

namespace lanewise::accuracy {

struct DatasetReport {
  std::string source;  // as the user named it
  std::string format;  // "idx", "coco", …: load_dataset.hpp
  Task task = Task::kClassification;
  std::int64_t channels = 0, height = 0, width = 0;
  std::vector<std::string> classes;

  // One of "train", "validation", "test".
  struct Split {
    std::string name;
    std::string origin;  // where its images come from: "train/", "a tenth of train, stratified, seed 0"
    std::int64_t images = 0;
    // Images by class; for detection objects by class; for segmentation pixels by class.
    std::vector<std::int64_t> by_class;
    std::int64_t empty = 0;    // detection: images without any object
    std::int64_t crowds = 0;   // detection: crowd regions, which by_class leaves out
    std::int64_t ignored = 0;  // segmentation: pixels of no class
  };
  std::vector<Split> splits;

  // What was left out or mended, each kind once, with an example: "boxes of no area", 3, "labels/a.txt:2".
  struct Count {
    std::string what;
    std::int64_t count = 0;
    std::string example;
  };
  std::vector<Count> left_out;
  std::vector<std::string> notes;  // whole sentences without a full stop

  void leave_out(const std::string& what, const std::string& example, std::int64_t count = 1);
};

// A readable summary of some lines, each with a line break at its end.
std::string to_text(const DatasetReport& report);
// The same as one JSON object.
std::string to_json(const DatasetReport& report);

// Counts of one split, from its images.
DatasetReport::Split summarise(const std::string& name, const std::string& origin, const Dataset& dataset);

}  // namespace lanewise::accuracy
