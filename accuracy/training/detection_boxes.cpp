// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/detection_boxes.hpp"

#include <algorithm>

namespace lanewise::accuracy {
namespace {

double area(double width, double height) { return std::max(0.0, width) * std::max(0.0, height); }

double area(const Box& box) {
  return area(static_cast<double>(box.right) - static_cast<double>(box.left),
              static_cast<double>(box.bottom) - static_cast<double>(box.top));
}

double intersection(const Box& a, const Box& b) {
  return area(static_cast<double>(std::min(a.right, b.right)) - static_cast<double>(std::max(a.left, b.left)),
              static_cast<double>(std::min(a.bottom, b.bottom)) - static_cast<double>(std::max(a.top, b.top)));
}

double hull(const Box& a, const Box& b) {
  return area(static_cast<double>(std::max(a.right, b.right)) - static_cast<double>(std::min(a.left, b.left)),
              static_cast<double>(std::max(a.bottom, b.bottom)) - static_cast<double>(std::min(a.top, b.top)));
}

}  // namespace

double overlap(const Box& a, const Box& b) {
  const double common = intersection(a, b);
  const double all = area(a) + area(b) - common;
  return all > 0 ? common / all : 0;
}

double generalised_overlap(const Box& a, const Box& b) {
  const double all = area(a) + area(b) - intersection(a, b);
  const double around = hull(a, b);
  return overlap(a, b) - (around > 0 ? (around - all) / around : 0);
}

std::vector<FoundBox> suppress(std::vector<FoundBox> found, double most_overlap) {
  std::stable_sort(found.begin(), found.end(), [](const FoundBox& a, const FoundBox& b) { return a.score > b.score; });
  std::vector<FoundBox> kept;
  for (const FoundBox& candidate : found) {
    const bool is_repeated = std::any_of(kept.begin(), kept.end(), [&](const FoundBox& other) {
      return other.box.label == candidate.box.label && overlap(other.box, candidate.box) > most_overlap;
    });
    if (!is_repeated) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace lanewise::accuracy
