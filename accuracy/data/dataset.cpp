// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/dataset.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace lanewise::accuracy {

const char* to_string(Task task) {
  switch (task) {
    case Task::kClassification:
      return "classification";
    case Task::kDetection:
      return "detection";
    case Task::kSegmentation:
      return "segmentation";
  }
  throw InternalError("no such task");
}

std::int64_t Dataset::images() const {
  const std::int64_t elements = image_elements();
  return elements == 0 ? 0 : static_cast<std::int64_t>(pixels.size()) / elements;
}

Dataset subset(const Dataset& from, const std::vector<std::int64_t>& images) {
  Dataset out;
  out.task = from.task;
  out.channels = from.channels;
  out.height = from.height;
  out.width = from.width;
  out.classes = from.classes;
  const std::int64_t elements = from.image_elements(), area = from.height * from.width, all = from.images();
  out.pixels.reserve(images.size() * static_cast<std::size_t>(elements));
  if (!from.masks.empty()) out.masks.reserve(images.size() * static_cast<std::size_t>(area));
  for (const std::int64_t index : images) {
    if (index < 0 || index >= all) throw InternalError("a subset asks for an image that is not there");
    const auto at = static_cast<std::size_t>(index);
    out.pixels.insert(out.pixels.end(), from.image(index), from.image(index) + elements);
    if (!from.labels.empty()) out.labels.push_back(from.labels[at]);
    if (!from.boxes.empty()) out.boxes.push_back(from.boxes[at]);
    if (!from.placements.empty()) out.placements.push_back(from.placements[at]);
    if (!from.masks.empty()) {
      const std::uint8_t* mask = from.masks.data() + index * area;
      out.masks.insert(out.masks.end(), mask, mask + area);
    }
  }
  return out;
}

Normalisation measure_normalisation(const Dataset& dataset) {
  Normalisation out;
  const std::int64_t area = dataset.height * dataset.width, images = dataset.images();
  for (std::int64_t channel = 0; channel < dataset.channels; ++channel) {
    // Sums of whole numbers are exact, and so the same whatever the order and the machine.
    std::uint64_t sum = 0, squares = 0;
    for (std::int64_t image = 0; image < images; ++image) {
      const std::uint8_t* plane = dataset.image(image) + channel * area;
      for (std::int64_t i = 0; i < area; ++i) {
        sum += plane[i];
        squares += std::uint64_t{plane[i]} * plane[i];
      }
    }
    constexpr double kWhite = 255;
    const double count = std::max(1.0, static_cast<double>(images * area));
    const double mean = static_cast<double>(sum) / count;
    const double variance = static_cast<double>(squares) / count - mean * mean;
    constexpr double kNoContrast = 1e-6;
    out.mean.push_back(static_cast<float>(mean / kWhite));
    out.deviation.push_back(variance > kNoContrast ? static_cast<float>(std::sqrt(variance) / kWhite) : 1.0F);
  }
  return out;
}

}  // namespace lanewise::accuracy
