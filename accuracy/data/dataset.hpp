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
  // Of the object itself in pixels of the image as it was in its file, where the file says it (COCO's `area`), which
  // sorts objects into small, medium and large ones; negative: the box's.
  float area = -1;
};

// How an image was brought to the size it is stored in: stored position = position in the file · scale + offset.
struct Placement {
  float scale_x = 1, scale_y = 1, offset_x = 0, offset_y = 0;
  int width = 0, height = 0;  // of the image in its file, after its orientation was honoured
};

// A pixel p of 0 to 255 goes into a network as (p/255 − mean)/deviation, by channel.
struct Normalisation {
  std::vector<float> mean, deviation;  // [channels]
};

struct Dataset {
  Task task = Task::kClassification;
  std::int64_t channels = 0, height = 0, width = 0;  // of every image
  std::vector<std::string> classes;
  std::vector<std::uint8_t> pixels;     // [images, channels, height, width]
  std::vector<int> labels;              // classification: [images]
  std::vector<std::vector<Box>> boxes;  // detection: [images][objects]
  std::vector<std::uint8_t> masks;      // segmentation: [images, height, width], class or kIgnored
  std::vector<Placement> placements;    // [images]; empty where every image is stored as it was
  static constexpr std::uint8_t kIgnored = 255;

  std::int64_t image_elements() const { return channels * height * width; }
  std::int64_t images() const;
  const std::uint8_t* image(std::int64_t index) const { return pixels.data() + index * image_elements(); }
};

// The images of these numbers, in this order, with what belongs to them. Throws InternalError for one out of range.
Dataset subset(const Dataset& from, const std::vector<std::int64_t>& images);

// Mean and standard deviation of p/255 over all pixels of all images, by channel. A channel without any contrast gets
// deviation 1. Without images mean 0 and deviation 1.
Normalisation measure_normalisation(const Dataset& dataset);

}  // namespace lanewise::accuracy
