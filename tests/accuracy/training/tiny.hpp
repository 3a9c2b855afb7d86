// SPDX-License-Identifier: Apache-2.0
// Networks and images so small that a training takes a moment.
#pragma once

#include <string>

#include "accuracy/data/load_dataset.hpp"
#include "core/base/random.hpp"
#include "nas/space/space.hpp"

namespace lanewise::accuracy::testing {

// Images of 8 x 8 in three classes; an encoding is the activation, the stem's channels and the stage's.
inline const std::string kTinySpace = R"(name: tiny
network:
  genes: {act: [r, h]}
  input: {channels: 1, height: 8, width: 8}
  activation: {gene: act, r: relu, h: hard_swish}
  stem: {channels: {values: [4, 8], default: 4}, kernel: 3, stride: 1}
  stages:
    s1: {type: ibn, kernel: 3, expansion: 2, channels: {values: [4, 8, 12], default: 4}, repeats: 1, stride: 2}
  head: {type: classification, channels: 0, classes: 3}
  encoding: "{act}-s{stem.channels}-c{s1.channels}"
engine: {vary: none}
)";

inline network::Graph tiny_network(const std::string& encoding) {
  const nas::SpaceDescription description = nas::parse_space("tiny.yaml", kTinySpace);
  const auto networks = nas::make_network_space(description, nullptr);
  return networks->build(networks->decode(encoding), engine::EngineConfig{});
}

// Class c is brighter in its third of the rows; the rest is noise.
inline Dataset tiny_images(std::int64_t images, std::uint64_t seed) {
  Dataset data;
  data.channels = 1;
  data.height = data.width = 8;
  data.classes = {"top", "middle", "bottom"};
  Random random(seed);
  for (std::int64_t i = 0; i < images; ++i) {
    const int label = static_cast<int>(random.below(3));
    data.labels.push_back(label);
    for (int at = 0; at < 64; ++at) {
      const bool is_bright = at / 8 * 3 / 8 == label;
      data.pixels.push_back(static_cast<std::uint8_t>(random.below(160) + (is_bright ? 60 : 0)));
    }
  }
  return data;
}

}  // namespace lanewise::accuracy::testing
