// SPDX-License-Identifier: Apache-2.0
// One picture in memory, and the pictures of a data set at the size of a network's input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "accuracy/data/dataset.hpp"
#include "accuracy/data/load_dataset.hpp"

namespace lanewise::accuracy {

struct Image {
  std::int64_t channels = 0, height = 0, width = 0;
  std::vector<std::uint8_t> pixels;  // [height, width, channels]
};

// Grey and RGB into each other: grey is (299 R + 587 G + 114 B + 500) / 1000, rounded down. Throws Error for other
// numbers of channels.
Image with_channels(Image image, std::int64_t channels);

// Bilinear; where an image shrinks, the filter is widened by the factor that it shrinks by, so that no detail is
// skipped (antialiasing). Whole numbers throughout: the same bytes on every machine.
Image resize(const Image& image, std::int64_t height, std::int64_t width);
// The nearest pixel, for one channel of classes: row r of the result is row ⌊(2r + 1)·height / (2·rows)⌋.
Image resize_nearest(const Image& image, std::int64_t height, std::int64_t width);

// Pictures brought to one size and put into a data set. put() may be called by several threads for different images.
class ImageStore {
 public:
  // Of `count` images, whose natural size is `channels` x `height` x `width`: what the options leave at 0 becomes that.
  // Throws Error, naming `source`, where they take more than options.most_bytes.
  ImageStore(const std::string& source, const DatasetOptions& options, std::int64_t count, std::int64_t channels,
             std::int64_t height, std::int64_t width, bool with_masks, Dataset& into);

  // Throws Error where the image has another size and the options name none.
  Placement put(std::int64_t index, Image image, const std::string& name);
  // A mask of one channel as large as its image was.
  void put_mask(std::int64_t index, const Image& mask);

 private:
  Placement placement_of(std::int64_t height, std::int64_t width) const;

  const DatasetOptions& options_;
  bool same_size_;  // every image must have it
  Dataset& into_;
};

// Throws Error, naming `source`, where `count` images of a data set take more than options.most_bytes.
void require_room(const std::string& source, const DatasetOptions& options, const Dataset& shape, std::int64_t count,
                  bool with_masks);

}  // namespace lanewise::accuracy
