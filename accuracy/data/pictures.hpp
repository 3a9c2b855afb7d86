// SPDX-License-Identifier: Apache-2.0
// Many image files, decoded side by side into one data set. Private to this module.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "accuracy/data/decode_image.hpp"
#include "accuracy/data/image.hpp"

namespace lanewise::accuracy {

struct Pictures {
  std::string source;              // of all, for messages
  std::string folder;              // that the names are below; "": they are whole paths
  std::vector<std::string> names;  // of files
  bool with_masks = false;
  // Where given, turns what was decoded into what is stored, instead of by its orientation alone; called by several
  // threads, for different images.
  std::function<Image(std::size_t, DecodedImage)> turn;
  // Where given, is told where an image was put.
  std::function<void(std::size_t, const Placement&, ImageStore&)> done;
};

// Decodes all of them into data.pixels (and room for masks). Returns the numbers, in ascending order, of those that
// are damaged and left out, which only happens where the options say so; the caller takes them out.
std::vector<std::int64_t> load_pictures(const Pictures& pictures, const DatasetOptions& options, DatasetReport& report,
                                        Dataset& data);

}  // namespace lanewise::accuracy
