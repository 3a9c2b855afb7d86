// SPDX-License-Identifier: Apache-2.0
// Labelled images in memory, as a trainer takes them, whatever files they came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lanewise::accuracy {

enum class Task { kClassification, kDetection, kSegmentation };
const char* to_string(Task task);  // "classification", "detection", "segmentation"

// In pixels of the image as stored here, edges not included: a box of one pixel is one wide.
struct Box {
  float left = 0, top = 0, right = 0, bottom = 0;
  int label = 0;          // index into Dataset::classes
  bool is_crowd = false;  // a region of many objects (COCO's iscrowd): neither trained on nor missed
};

struct Dataset {
  Task task = Task::kClassification;
  std::int64_t channels = 0, height = 0, width = 0;  // of every image
  std::vector<std::string> classes;
  std::vector<std::uint8_t> pixels;     // [images, channels, height, width]
  std::vector<int> labels;              // classification: [images]
  std::vector<std::vector<Box>> boxes;  // detection: [images][objects]
  std::vector<std::uint8_t> masks;      // segmentation: [images, height, width], class or kIgnored
  static constexpr std::uint8_t kIgnored = 255;

  std::int64_t image_elements() const { return channels * height * width; }
  std::int64_t images() const;
};

}  // namespace lanewise::accuracy
