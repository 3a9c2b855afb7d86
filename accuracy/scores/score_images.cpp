// SPDX-License-Identifier: Apache-2.0
#include "accuracy/scores/score_images.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "accuracy/data/load_dataset.hpp"
#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace lanewise::accuracy {
namespace {

// `count` different numbers below `bound`, in the order in which they were drawn.
std::vector<std::int64_t> drawn(std::int64_t count, std::int64_t bound, std::uint64_t seed) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(bound));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i);
  Random random(seed);
  for (std::int64_t i = 0; i < count; ++i) {
    std::swap(all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(random.between(i, bound - 1))]);
  }
  all.resize(static_cast<std::size_t>(count));
  return all;
}

torch::Tensor normalised(const Dataset& images, const Normalisation& normalisation) {
  torch::Tensor pixels = torch::from_blob(const_cast<std::uint8_t*>(images.pixels.data()),
                                          {images.images(), images.channels, images.height, images.width}, torch::kByte)
                             .to(torch::kFloat) /
                         255;
  for (std::int64_t c = 0; c < images.channels; ++c) {
    const auto at = static_cast<std::size_t>(c);
    pixels.select(1, c).sub_(normalisation.mean[at]).div_(normalisation.deviation[at]);
  }
  return pixels;
}

// Named data sets are loaded as they are, and only what is fed is resized: all of them at 224 x 224 would fill memory.
torch::Tensor fitted(torch::Tensor pixels, const std::vector<std::int64_t>& shape) {
  if (pixels.size(1) != shape[1]) {
    if (pixels.size(1) != 1) pixels = pixels.mean(1, true);
    pixels = pixels.expand({-1, shape[1], -1, -1}).contiguous();
  }
  if (pixels.size(2) == shape[2] && pixels.size(3) == shape[3]) return pixels;
  return at::upsample_bilinear2d(pixels, {shape[2], shape[3]}, /*align_corners=*/false);
}

}  // namespace

ScoreImages::ScoreImages(std::string spec, std::string fashion_mnist_folder)
    : spec_(std::move(spec)), fashion_mnist_folder_(std::move(fashion_mnist_folder)) {}

const ScoreImages::Images& ScoreImages::images(std::int64_t channels, std::int64_t height, std::int64_t width) {
  const std::lock_guard<std::mutex> lock(guard_);
  DatasetOptions options;
  options.fashion_mnist_folder = fashion_mnist_folder_;
  if (!is_dataset_name(spec_)) {
    options.channels = channels;
    options.height = height;
    options.width = width;
  }
  std::unique_ptr<Images>& kept = loaded_[{options.channels, options.height, options.width}];
  if (kept == nullptr) {
    LoadedDataset loaded = load_dataset(spec_, options);
    kept = std::make_unique<Images>(Images{std::move(loaded.train), std::move(loaded.normalisation)});
  }
  return *kept;
}

ScoreImages::Batch ScoreImages::take(const network::Graph& graph, std::int64_t count, std::uint64_t seed) {
  const std::vector<network::TensorId>& inputs = graph.inputs();
  const std::vector<std::int64_t> none;
  const std::vector<std::int64_t>& shape = inputs.empty() ? none : graph.tensor(inputs[0]).shape;
  if (inputs.size() != 1 || shape.size() != 4) {
    throw Error(fmt::format("network '{}': its input is no image: leave --data out, and random numbers take its place",
                            graph.name()));
  }
  const Images& from = images(shape[1], shape[2], shape[3]);
  if (from.train.images() < count) {
    throw Error(fmt::format("{}: has {} training images, scores are fed {}", spec_, from.train.images(), count));
  }
  const Dataset chosen = subset(from.train, drawn(count, from.train.images(), seed));
  Batch batch;
  batch.pixels = fitted(normalised(chosen, from.normalisation), shape);
  if (!chosen.labels.empty()) {
    batch.labels = torch::tensor(std::vector<std::int64_t>(chosen.labels.begin(), chosen.labels.end()), torch::kLong);
  }
  return batch;
}

}  // namespace lanewise::accuracy
