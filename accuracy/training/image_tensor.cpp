// SPDX-License-Identifier: Apache-2.0
#include "accuracy/training/image_tensor.hpp"

#include <fmt/format.h>

#include <array>

#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

std::vector<float> by_channel(const char* key, const std::vector<double>& given, const std::vector<float>& of_data,
                              std::int64_t channels) {
  const std::size_t count = static_cast<std::size_t>(channels);
  if (given.empty()) return of_data;
  if (given.size() == 1) return std::vector<float>(count, static_cast<float>(given.front()));
  if (given.size() != count) {
    throw Error(fmt::format("recipe key '{}': has {} numbers for images of {} channels", key, given.size(), channels));
  }
  return std::vector<float>(given.begin(), given.end());
}

}  // namespace

Normalisation normalisation_of(const Recipe& recipe, const Normalisation& of_data, std::int64_t channels) {
  return {by_channel("mean", recipe.mean, of_data.mean, channels),
          by_channel("deviation", recipe.deviation, of_data.deviation, channels)};
}

torch::Tensor image_tensor(const Dataset& images, const Normalisation& normalisation) {
  const std::int64_t count = images.images(), channels = images.channels, area = images.height * images.width;
  const torch::Tensor stored = torch::empty({count, images.height, images.width, channels}, torch::kFloat);
  float* const out = stored.data_ptr<float>();
  std::array<float, 256> table{};
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    const std::size_t c = static_cast<std::size_t>(channel);
    for (std::size_t value = 0; value < table.size(); ++value) {
      table[value] = (static_cast<float>(value) / 255.0F - normalisation.mean[c]) / normalisation.deviation[c];
    }
    for (std::int64_t image = 0; image < count; ++image) {
      const std::uint8_t* from = images.pixels.data() + (image * channels + channel) * area;
      float* to = out + image * area * channels + channel;
      for (std::int64_t at = 0; at < area; ++at) to[at * channels] = table[from[at]];
    }
  }
  return stored.permute({0, 3, 1, 2});
}

}  // namespace lanewise::accuracy
