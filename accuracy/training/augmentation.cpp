// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/augmentation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

// One plane of bytes of an image of the batch: a channel of it, or its mask.
struct Plane {
  std::uint8_t* values;
  std::uint8_t outside;  // what stands where the image has ended
};

std::vector<Plane> planes(Dataset& batch, std::int64_t index) {
  const std::int64_t area = batch.height * batch.width;
  std::vector<Plane> all;
  for (std::int64_t channel = 0; channel < batch.channels; ++channel) {
    all.push_back({batch.pixels.data() + (index * batch.channels + channel) * area, 0});
  }
  if (!batch.masks.empty()) all.push_back({batch.masks.data() + index * area, Dataset::kIgnored});
  return all;
}

std::vector<Box>* boxes_of(Dataset& batch, std::int64_t index) {
  return batch.boxes.empty() ? nullptr : &batch.boxes[static_cast<std::size_t>(index)];
}

// Moves the image so that what was at (top, left) is at the origin; what comes in from outside is black, or ignored.
void shift(Plane plane, std::int64_t height, std::int64_t width, std::int64_t top, std::int64_t left) {
  if (top == 0 && left == 0) return;
  std::vector<std::uint8_t> moved(static_cast<std::size_t>(height * width), plane.outside);
  const std::int64_t first = std::max<std::int64_t>(0, -left), last = std::min(width, width - left);
  for (std::int64_t row = std::max<std::int64_t>(0, -top); row < std::min(height, height - top); ++row) {
    const std::uint8_t* from = plane.values + (row + top) * width + left;
    if (first < last) std::copy(from + first, from + last, moved.data() + row * width + first);
  }
  std::copy(moved.begin(), moved.end(), plane.values);
}

// An object is kept while a fifth of it is seen.
void shift_boxes(std::vector<Box>& boxes, float height, float width, float top, float left) {
  constexpr float kLeastShare = 0.2F;
  std::vector<Box> kept;
  for (Box box : boxes) {
    const float area = (box.right - box.left) * (box.bottom - box.top);
    box.left = std::clamp(box.left - left, 0.0F, width);
    box.right = std::clamp(box.right - left, 0.0F, width);
    box.top = std::clamp(box.top - top, 0.0F, height);
    box.bottom = std::clamp(box.bottom - top, 0.0F, height);
    if ((box.right - box.left) * (box.bottom - box.top) > kLeastShare * area) kept.push_back(box);
  }
  boxes = std::move(kept);
}

// Padding by so many pixels on every side and cutting the image's size out of it at random is a shift.
void pad_crop(Dataset& batch, std::int64_t index, double amount, Random& random) {
  const auto reach = [&](std::int64_t side) {
    return amount < 1 ? std::llround(amount * static_cast<double>(side)) : std::llround(amount);
  };
  const std::int64_t top = random.between(-reach(batch.height), reach(batch.height));
  const std::int64_t left = random.between(-reach(batch.width), reach(batch.width));
  for (const Plane plane : planes(batch, index)) shift(plane, batch.height, batch.width, top, left);
  if (std::vector<Box>* boxes = boxes_of(batch, index)) {
    shift_boxes(*boxes, static_cast<float>(batch.height), static_cast<float>(batch.width), static_cast<float>(top),
                static_cast<float>(left));
  }
}

void flip(Dataset& batch, std::int64_t index, double probability, Random& random) {
  if (!random.chance(probability)) return;
  for (const Plane plane : planes(batch, index)) {
    for (std::int64_t row = 0; row < batch.height; ++row) {
      std::reverse(plane.values + row * batch.width, plane.values + (row + 1) * batch.width);
    }
  }
  if (std::vector<Box>* boxes = boxes_of(batch, index)) {
    const float width = static_cast<float>(batch.width);
    for (Box& box : *boxes) {
      const float left = width - box.right;
      box.right = width - box.left;
      box.left = left;
    }
  }
}

void flip_vertical(Dataset& batch, std::int64_t index, double probability, Random& random) {
  if (!random.chance(probability)) return;
  for (const Plane plane : planes(batch, index)) {
    for (std::int64_t row = 0; row < batch.height / 2; ++row) {
      std::swap_ranges(plane.values + row * batch.width, plane.values + (row + 1) * batch.width,
                       plane.values + (batch.height - 1 - row) * batch.width);
    }
  }
  if (std::vector<Box>* boxes = boxes_of(batch, index)) {
    const float height = static_cast<float>(batch.height);
    for (Box& box : *boxes) {
      const float top = height - box.bottom;
      box.bottom = height - box.top;
      box.top = top;
    }
  }
}

std::uint8_t to_byte(double value) { return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L)); }

// The image between `base`, by channel, and itself: 1 leaves it, 0 gives the base, 2 goes as far beyond.
void blend(Dataset& batch, std::int64_t index, double base, double factor) {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t value = 0; value < table.size(); ++value) {
    table[value] = to_byte(base + factor * (static_cast<double>(value) - base));
  }
  std::uint8_t* first = batch.pixels.data() + index * batch.image_elements();
  for (std::uint8_t* at = first; at != first + batch.image_elements(); ++at) *at = table[*at];
}

double factor_of(double amount, Random& random) { return 1 + amount * (2 * random.unit() - 1); }

void brightness(Dataset& batch, std::int64_t index, double amount, Random& random) {
  blend(batch, index, 0, factor_of(amount, random));
}

void contrast(Dataset& batch, std::int64_t index, double amount, Random& random) {
  const std::uint8_t* image = batch.image(index);
  const double sum = std::accumulate(image, image + batch.image_elements(), 0.0);
  blend(batch, index, sum / static_cast<double>(batch.image_elements()), factor_of(amount, random));
}

// Between grey, by the weights of ITU-R BT.601, and itself. Images of other than three channels have no colour.
void saturation(Dataset& batch, std::int64_t index, double amount, Random& random) {
  const double factor = factor_of(amount, random);
  if (batch.channels != 3) return;
  const std::int64_t area = batch.height * batch.width;
  std::uint8_t* red = batch.pixels.data() + index * batch.image_elements();
  for (std::int64_t at = 0; at < area; ++at) {
    const double grey = 0.299 * red[at] + 0.587 * red[at + area] + 0.114 * red[at + 2 * area];
    for (std::int64_t channel = 0; channel < 3; ++channel) {
      std::uint8_t& value = red[at + channel * area];
      value = to_byte(grey + factor * (value - grey));
    }
  }
}

// A rectangle of 2 to 20 % of the image, at most three times as wide as high or the other way, is overwritten with
// noise (random erasing: Zhong and others, 2020). Masks and boxes stay: what is hidden is still there.
void erase(Dataset& batch, std::int64_t index, double probability, Random& random) {
  if (!random.chance(probability)) return;
  const double area = static_cast<double>(batch.height * batch.width) * (0.02 + 0.18 * random.unit());
  const double ratio = std::exp(std::log(3.0) * (2 * random.unit() - 1));
  const auto side = [](double length, std::int64_t most) {
    return std::clamp<std::int64_t>(std::llround(length), 1, most);
  };
  const std::int64_t height = side(std::sqrt(area * ratio), batch.height);
  const std::int64_t width = side(std::sqrt(area / ratio), batch.width);
  const std::int64_t top = random.between(0, batch.height - height), left = random.between(0, batch.width - width);
  for (std::int64_t channel = 0; channel < batch.channels; ++channel) {
    std::uint8_t* plane = batch.pixels.data() + (index * batch.channels + channel) * batch.height * batch.width;
    for (std::int64_t row = top; row < top + height; ++row) {
      for (std::int64_t column = left; column < left + width; ++column) {
        plane[row * batch.width + column] = static_cast<std::uint8_t>(random.below(256));
      }
    }
  }
}

const AugmentationKind* find(const std::string& name) {
  for (const AugmentationKind& kind : augmentation_kinds()) {
    if (name == kind.name) return &kind;
  }
  return nullptr;
}

// Apart from the seeds that other parts of a training make of the same number.
std::uint64_t stream(const char* purpose, std::uint64_t seed, std::int64_t epoch, std::int64_t image) {
  return stable_hash(fmt::format("{} {} {} {}", purpose, seed, epoch, image));
}

}  // namespace

const std::vector<AugmentationKind>& augmentation_kinds() {
  static const std::vector<AugmentationKind> all = {
      {"pad-crop",
       "pad by so many black pixels on every side, cut the image's size out at random; below 1: a share "
       "of the side",
       0, 1000, pad_crop},
      {"flip", "exchange left and right with this probability", 0, 1, flip},
      {"flip-vertical", "exchange top and bottom with this probability", 0, 1, flip_vertical},
      {"brightness", "multiply all pixels by 1 -/+ up to this", 0, 1, brightness},
      {"contrast", "multiply the distance to the image's mean by 1 -/+ up to this", 0, 1, contrast},
      {"saturation", "multiply the distance to grey by 1 -/+ up to this; colour images", 0, 1, saturation},
      {"erase", "overwrite a rectangle of 2 to 20 % of the image with noise, with this probability", 0, 1, erase},
  };
  return all;
}

Augmentation parse_augmentation(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const AugmentationKind* kind = find(name);
  if (kind == nullptr) {
    std::string names;
    for (const AugmentationKind& each : augmentation_kinds()) {
      names += (names.empty() ? "" : ", ") + std::string(each.name);
    }
    throw Error(fmt::format("has no operation '{}': there are {}, each as NAME=AMOUNT", name, names));
  }
  const std::string amount = equals == std::string::npos ? "" : text.substr(equals + 1);
  double value = 0;
  const auto [end, status] = std::from_chars(amount.data(), amount.data() + amount.size(), value);
  if (status != std::errc() || end != amount.data() + amount.size() || !(value >= kind->low && value <= kind->high)) {
    throw Error(fmt::format("has an amount of '{}' that must be a number from {} to {}", name, kind->low, kind->high));
  }
  return {name, value};
}

std::vector<std::int64_t> epoch_order(std::int64_t images, std::uint64_t seed, std::int64_t epoch) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(images));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Random(stream("order", seed, epoch, 0)).shuffle(order);
  return order;
}

Dataset augmented_batch(const Dataset& from, const std::vector<std::int64_t>& images,
                        const std::vector<Augmentation>& operations, std::uint64_t seed, std::int64_t epoch) {
  Dataset batch = subset(from, images);
  if (operations.empty()) return batch;
  for (std::size_t i = 0; i < images.size(); ++i) {
    Random random(stream("augmentation", seed, epoch, images[i]));
    for (const Augmentation& operation : operations) {
      find(operation.name)->apply(batch, static_cast<std::int64_t>(i), operation.amount, random);
    }
  }
  return batch;
}

}  // namespace lanewise::accuracy
