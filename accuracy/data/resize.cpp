// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "accuracy/data/image.hpp"
#include "core/base/error.hpp"

namespace lanewise::accuracy {
namespace {

// Of the weights of one output position, which add up to kOne.
constexpr int kWeightBits = 14;
constexpr std::int32_t kOne = 1 << kWeightBits;
// Of what the first pass leaves behind the point.
constexpr int kKeptBits = 7;

struct Taps {
  std::int64_t first = 0;
  std::vector<std::int32_t> weights;
};

// The triangle filter: output position i looks at input position (i + ½)·from/to − ½, and at all inputs nearer than
// the larger of 1 and from/to.
std::vector<Taps> taps_of(std::int64_t from, std::int64_t to) {
  std::vector<Taps> out(static_cast<std::size_t>(to));
  const double scale = static_cast<double>(from) / static_cast<double>(to), reach = std::max(1.0, scale);
  for (std::int64_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(centre - reach)));
    const auto end = std::min(from, static_cast<std::int64_t>(std::ceil(centre + reach)));
    Taps& taps = out[static_cast<std::size_t>(i)];
    taps.first = first;
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t j = first; j < end; ++j) {
      weights.push_back(std::max(0.0, 1 - std::abs(static_cast<double>(j) + 0.5 - centre) / reach));
      sum += weights.back();
    }
    std::int32_t total = 0;
    for (const double weight : weights) {
      taps.weights.push_back(static_cast<std::int32_t>(std::lround(weight / sum * kOne)));
      total += taps.weights.back();
    }
    // Rounding may not make an even area darker or lighter.
    *std::max_element(taps.weights.begin(), taps.weights.end()) += kOne - total;
  }
  return out;
}

}  // namespace

Image resize(const Image& image, std::int64_t height, std::int64_t width) {
  if (image.height == height && image.width == width) return image;
  const std::vector<Taps> across = taps_of(image.width, width), down = taps_of(image.height, height);
  const std::int64_t channels = image.channels, line = width * channels;
  std::vector<std::uint16_t> narrow(static_cast<std::size_t>(image.height * line));
  for (std::int64_t y = 0; y < image.height; ++y) {
    const std::uint8_t* source = image.pixels.data() + y * image.width * channels;
    std::uint16_t* target = narrow.data() + y * line;
    for (const Taps& taps : across) {
      for (std::int64_t channel = 0; channel < channels; ++channel) {
        std::int32_t sum = 1 << (kWeightBits - kKeptBits - 1);
        const std::uint8_t* pixel = source + taps.first * channels + channel;
        for (const std::int32_t weight : taps.weights) {
          sum += weight * *pixel;
          pixel += channels;
        }
        *target++ = static_cast<std::uint16_t>(sum >> (kWeightBits - kKeptBits));
      }
    }
  }
  Image out;
  out.channels = channels;
  out.height = height;
  out.width = width;
  out.pixels.resize(static_cast<std::size_t>(height * line));
  std::vector<std::int32_t> sums(static_cast<std::size_t>(line));
  for (std::int64_t y = 0; y < height; ++y) {
    const Taps& taps = down[static_cast<std::size_t>(y)];
    std::fill(sums.begin(), sums.end(), 1 << (kWeightBits + kKeptBits - 1));
    const std::uint16_t* row = narrow.data() + taps.first * line;
    for (const std::int32_t weight : taps.weights) {
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += weight * row[i];
      row += line;
    }
    std::uint8_t* target = out.pixels.data() + y * line;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      constexpr std::int32_t kWhite = 255;
      target[i] = static_cast<std::uint8_t>(std::clamp(sums[i] >> (kWeightBits + kKeptBits), 0, kWhite));
    }
  }
  return out;
}

Image resize_nearest(const Image& image, std::int64_t height, std::int64_t width) {
  if (image.height == height && image.width == width) return image;
  if (image.channels != 1) throw InternalError("only classes are resized to the nearest");
  Image out;
  out.channels = 1;
  out.height = height;
  out.width = width;
  out.pixels.reserve(static_cast<std::size_t>(height * width));
  for (std::int64_t y = 0; y < height; ++y) {
    const std::uint8_t* row = image.pixels.data() + (2 * y + 1) * image.height / (2 * height) * image.width;
    for (std::int64_t x = 0; x < width; ++x) out.pixels.push_back(row[(2 * x + 1) * image.width / (2 * width)]);
  }
  return out;
}

Image with_channels(Image image, std::int64_t channels) {
  if (image.channels == channels) return image;
  constexpr std::int64_t kGrey = 1, kColour = 3;
  if (!((image.channels == kGrey && channels == kColour) || (image.channels == kColour && channels == kGrey))) {
    throw Error("images have 1 or 3 channels, grey or RGB: " + std::to_string(image.channels) + " cannot become " +
                std::to_string(channels));
  }
  std::vector<std::uint8_t> pixels;
  pixels.reserve(image.pixels.size() / static_cast<std::size_t>(image.channels) * static_cast<std::size_t>(channels));
  if (channels == kColour) {
    for (const std::uint8_t grey : image.pixels) pixels.insert(pixels.end(), {grey, grey, grey});
  } else {
    for (std::size_t i = 0; i < image.pixels.size(); i += kColour) {
      const std::uint32_t luma = 299U * image.pixels[i] + 587U * image.pixels[i + 1] + 114U * image.pixels[i + 2];
      pixels.push_back(static_cast<std::uint8_t>((luma + 500U) / 1000U));
    }
  }
  image.pixels = std::move(pixels);
  image.channels = channels;
  return image;
}

}  // namespace lanewise::accuracy
