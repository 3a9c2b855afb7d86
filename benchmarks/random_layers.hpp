// SPDX-License-Identifier: Apache-2.0
// Random layers as they occur in networks for images, speech and text, on which plans are judged.
#pragma once

#include <cstdint>

#include "core/base/random.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise {

// The layer with this number; always the same one. All operands are int8 and lie in DRAM.
inline mapping::Subgraph random_layer(std::uint64_t number) {
  using mapping::SubgraphFamily;
  Random random(0x9e3779b97f4a7c15ULL * (number + 1));
  mapping::Subgraph s;
  mapping::SubgraphShape& shape = s.shape;
  s.name = "layer_" + std::to_string(number);
  const auto window = [&](std::int64_t kernel, std::int64_t stride) {
    for (int axis = 0; axis < 2; ++axis) {
      shape.window.kernel[axis] = kernel;
      shape.window.stride[axis] = stride;
      shape.window.pad_begin[axis] = (kernel - 1) / 2;
      shape.window.pad_end[axis] = kernel / 2;
    }
    shape.out_height = ceil_div(shape.in_height, stride);
    shape.out_width = ceil_div(shape.in_width, stride);
  };
  const auto square = [&](std::int64_t size) { shape.in_height = shape.in_width = size; };
  shape.bias = random.chance(0.5);
  const std::uint64_t kind = random.below(100);
  if (kind < 25) {  // few channels, high resolution: the first layers of detectors, super-resolution
    shape.family = random.chance(0.15) ? SubgraphFamily::kDepthwise : SubgraphFamily::kConvolution;
    shape.in_channels = random.between(1, 32);
    shape.out_channels = random.between(1, 32);
    if (shape.family == SubgraphFamily::kDepthwise) shape.groups = shape.out_channels = shape.in_channels;
    shape.in_height = random.pick<std::int64_t>({160, 224, 270, 360, 540});
    shape.in_width = random.pick<std::int64_t>({160, 224, 480, 640, 960});
    window(random.pick<std::int64_t>({1, 3, 3, 3, 5}), random.chance(0.2) ? 2 : 1);
    if (random.chance(0.2) && shape.window.stride[0] == 1) shape.operand = mapping::FusedOperand::kTensor;
  } else if (kind < 60) {
    square(random.pick<std::int64_t>({4, 7, 10, 14, 20, 28, 56, 112}));
    shape.in_channels = random.between(1, shape.in_height > 28 ? 96 : 512);
    shape.out_channels = random.between(1, shape.in_height > 28 ? 96 : 512);
    window(random.pick<std::int64_t>({1, 1, 3, 5}), random.between(1, 2));
  } else if (kind < 72) {
    shape.family = SubgraphFamily::kDepthwise;
    square(random.pick<std::int64_t>({4, 7, 10, 14, 20, 28, 56, 112}));
    shape.in_channels = shape.out_channels = shape.groups = random.between(1, shape.in_height > 28 ? 192 : 768);
    window(random.pick<std::int64_t>({3, 3, 5, 7}), random.between(1, 2));
  } else if (kind < 78) {
    shape.family = SubgraphFamily::kGrouped;
    shape.groups = random.pick<std::int64_t>({2, 4, 8, 32});
    shape.in_channels = shape.groups * random.between(2, 48);
    shape.out_channels = shape.groups * random.between(2, 48);
    square(random.pick<std::int64_t>({7, 14, 28, 56}));
    window(3, random.between(1, 2));
  } else if (kind < 84) {
    shape.family = SubgraphFamily::kFullyConnected;
    shape.batch = random.pick<std::int64_t>({1, 1, 1, 8});
    shape.in_channels = random.between(64, 4096);
    shape.out_channels = random.between(10, 4096);
  } else if (kind < 90) {  // a linear layer over tokens
    shape.in_channels = random.pick<std::int64_t>({192, 384, 768, 1024, 2048, 4096});
    shape.out_channels = random.pick<std::int64_t>({192, 384, 768, 1024, 2048});
    shape.in_width = shape.out_width = random.between(16, 512);
  } else if (kind < 94) {  // the products of an attention
    shape.family = SubgraphFamily::kMatMul;
    shape.bias = false;
    shape.groups = random.pick<std::int64_t>({1, 3, 8, 12});
    const std::int64_t tokens = random.between(16, 256), size = random.pick<std::int64_t>({32, 64});
    const bool scores = random.chance(0.5);
    shape.in_channels = shape.groups * (scores ? size : tokens);
    shape.out_channels = shape.groups * (scores ? tokens : size);
    shape.in_width = shape.out_width = tokens;
  } else {
    shape.family = SubgraphFamily::kElementwise;
    shape.bias = false;
    shape.operand = mapping::FusedOperand::kTensor;
    square(random.pick<std::int64_t>({7, 14, 28, 56, 112, 224}));
    shape.in_channels = shape.out_channels = random.between(1, shape.in_height > 28 ? 96 : 512);
    shape.out_height = shape.in_height;
    shape.out_width = shape.in_width;
  }
  return s;
}

}  // namespace lanewise
