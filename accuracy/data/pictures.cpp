// SPDX-License-Identifier: Apache-2.0
#include "accuracy/data/pictures.hpp"

#include "accuracy/data/files.hpp"
#include "core/base/error.hpp"
#include "core/base/parallel.hpp"

namespace lanewise::accuracy {
namespace {

Image stored_image(const Pictures& pictures, std::size_t index, DecodedImage decoded) {
  if (pictures.turn) return pictures.turn(index, std::move(decoded));
  return oriented(std::move(decoded.image), decoded.orientation);
}

// Of the first image that can be read: what the options leave open becomes its shape.
Image natural_shape(const Pictures& pictures, const DatasetOptions& options) {
  Image shape;
  if (options.channels > 0 && options.height > 0 && options.width > 0) return shape;
  for (std::size_t i = 0; i < pictures.names.size(); ++i) {
    DecodedImage decoded;
    try {
      decoded = decode_image(join(pictures.folder, pictures.names[i]));
    } catch (const Error&) {
      if (!options.skip_damaged) throw;
      continue;
    }
    shape = stored_image(pictures, i, std::move(decoded));
    shape.pixels.clear();
    return shape;
  }
  throw Error(pictures.source + ": none of its images can be read");
}

}  // namespace

std::vector<std::int64_t> load_pictures(const Pictures& pictures, const DatasetOptions& options, DatasetReport& report,
                                        Dataset& data) {
  std::vector<std::int64_t> left_out;
  if (pictures.names.empty()) return left_out;
  const Image shape = natural_shape(pictures, options);
  const auto count = static_cast<std::int64_t>(pictures.names.size());
  ImageStore store(pictures.source, options, count, shape.channels, shape.height, shape.width, pictures.with_masks,
                   data);
  data.placements.resize(pictures.names.size());
  std::vector<char> is_damaged(pictures.names.size(), 0);
  const auto load = [&](std::size_t index) {
    const std::string path = join(pictures.folder, pictures.names[index]);
    DecodedImage decoded;
    try {
      decoded = decode_image(path);
    } catch (const Error&) {
      if (!options.skip_damaged) throw;
      is_damaged[index] = 1;
      return;
    }
    Image image = stored_image(pictures, index, std::move(decoded));
    data.placements[index] = store.put(static_cast<std::int64_t>(index), std::move(image), path);
    if (pictures.done) pictures.done(index, data.placements[index], store);
  };
  parallel_for(pictures.names.size(), options.threads, load,
               [&](std::size_t done) { options.progress("reading images", static_cast<std::int64_t>(done), count); });
  for (std::size_t i = 0; i < is_damaged.size(); ++i) {
    if (is_damaged[i] == 0) continue;
    left_out.push_back(static_cast<std::int64_t>(i));
    report.leave_out("images that cannot be read", pictures.names[i]);
  }
  if (left_out.size() == pictures.names.size()) throw Error(pictures.source + ": none of its images can be read");
  return left_out;
}

}  // namespace lanewise::accuracy
