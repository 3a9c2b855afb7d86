// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "accuracy/data/image.hpp"
#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"

namespace lanewise::accuracy {
namespace {

constexpr std::uint8_t kLetterboxGrey = 114;
constexpr std::int64_t kLargestSide = 4096;  // of a network's input

}  // namespace

void require_room(const std::string& source, const DatasetOptions& options, const Dataset& shape, std::int64_t count,
                  bool with_masks) {
  const double image = as_double(shape.image_elements()) + (with_masks ? as_double(shape.height * shape.width) : 0);
  if (as_double(count) * image <= as_double(options.most_bytes)) return;
  throw Error(fmt::format(
      "{}: {} images of {}x{}x{} take {:.1f} GiB, more than the {} that may be held in memory; take smaller images, "
      "fewer of them, or raise the limit (--image-memory)",
      source, count, shape.channels, shape.height, shape.width, as_double(count) * image / (1 << 30),
      to_text(options.most_bytes)));
}

ImageStore::ImageStore(const std::string& source, const DatasetOptions& options, std::int64_t count,
                       std::int64_t channels, std::int64_t height, std::int64_t width, bool with_masks, Dataset& into)
    : options_(options), same_size_(options.height == 0 || options.width == 0), into_(into) {
  into.channels = options.channels > 0 ? options.channels : channels;
  into.height = options.height > 0 ? options.height : height;
  into.width = options.width > 0 ? options.width : width;
  if (into.channels != 1 && into.channels != 3) {
    throw Error(fmt::format("{}: images have 1 channel (grey) or 3 (RGB), a network with {} cannot take them", source,
                            into.channels));
  }
  if (into.height > kLargestSide || into.width > kLargestSide) {
    throw Error(fmt::format("{}: images of {}x{} are too large for a network's input, whose sides may have {} pixels",
                            source, into.height, into.width, kLargestSide));
  }
  require_room(source, options, into, count, with_masks);
  into.pixels.resize(static_cast<std::size_t>(count * into.image_elements()));
  if (with_masks) into.masks.resize(static_cast<std::size_t>(count * into.height * into.width), Dataset::kIgnored);
}

Placement ImageStore::placement_of(std::int64_t height, std::int64_t width) const {
  Placement out;
  out.width = static_cast<int>(width);
  out.height = static_cast<int>(height);
  std::int64_t rows = into_.height, columns = into_.width;
  if (options_.fit == Fit::kLetterbox) {
    // The side that limits fits exactly: whole numbers decide which one that is.
    if (rows * width <= columns * height) {
      columns = std::clamp<std::int64_t>((2 * width * rows + height) / (2 * height), 1, columns);
    } else {
      rows = std::clamp<std::int64_t>((2 * height * columns + width) / (2 * width), 1, rows);
    }
    out.offset_x = static_cast<float>((into_.width - columns) / 2);
    out.offset_y = static_cast<float>((into_.height - rows) / 2);
  }
  out.scale_x = static_cast<float>(columns) / static_cast<float>(width);
  out.scale_y = static_cast<float>(rows) / static_cast<float>(height);
  return out;
}

namespace {

// What the placement makes of the image's size.
std::int64_t stored(int size, float scale) { return std::lround(static_cast<double>(size) * scale); }

}  // namespace

Placement ImageStore::put(std::int64_t index, Image image, const std::string& name) {
  if (same_size_ && (image.height != into_.height || image.width != into_.width)) {
    throw Error(
        fmt::format("{}: is {}x{} pixels (rows x columns), others are {}x{}: the size of the network's input "
                    "must be given",
                    name, image.height, image.width, into_.height, into_.width));
  }
  const Placement at = placement_of(image.height, image.width);
  // Channels first: with fewer of them there is less to resize.
  const bool first = into_.channels < image.channels;
  if (first) image = with_channels(std::move(image), into_.channels);
  image = resize(image, stored(at.height, at.scale_y), stored(at.width, at.scale_x));
  if (!first) image = with_channels(std::move(image), into_.channels);
  std::uint8_t* target = into_.pixels.data() + index * into_.image_elements();
  if (options_.fit == Fit::kLetterbox) std::fill(target, target + into_.image_elements(), kLetterboxGrey);
  const auto top = static_cast<std::int64_t>(at.offset_y), left = static_cast<std::int64_t>(at.offset_x);
  for (std::int64_t channel = 0; channel < into_.channels; ++channel) {
    const std::uint8_t* source = image.pixels.data() + channel;
    for (std::int64_t y = 0; y < image.height; ++y) {
      std::uint8_t* row = target + (channel * into_.height + top + y) * into_.width + left;
      for (std::int64_t x = 0; x < image.width; ++x, source += into_.channels) row[x] = *source;
    }
  }
  return at;
}

void ImageStore::put_mask(std::int64_t index, const Image& mask) {
  const Placement at = placement_of(mask.height, mask.width);
  const Image small = resize_nearest(mask, stored(at.height, at.scale_y), stored(at.width, at.scale_x));
  std::uint8_t* target = into_.masks.data() + index * into_.height * into_.width;
  const auto top = static_cast<std::int64_t>(at.offset_y), left = static_cast<std::int64_t>(at.offset_x);
  for (std::int64_t y = 0; y < small.height; ++y) {
    std::copy_n(small.pixels.data() + y * small.width, small.width, target + (top + y) * into_.width + left);
  }
}

}  // namespace lanewise::accuracy
