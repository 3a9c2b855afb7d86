// SPDX-License-Identifier: Apache-2.0
// A space with every kind of size and two kinds of choice, of networks that take a moment.
#pragma once

#include <string>

namespace lanewise::accuracy::testing {

// Images of 8 x 8 in three classes.
inline const std::string kSmallSpace = R"(name: small
network:
  genes: {act: [r, h], t1: [i, f]}
  input: {channels: 1, height: 8, width: 8}
  activation: {gene: act, r: relu, h: hard_swish}
  stem: {channels: {values: [4, 8], default: 4}, kernel: 3, stride: 1}
  stages:
    s1:
      type: {gene: t1, i: ibn, f: fused_ibn}
      kernel: [3, 5]
      expansion: {gene: t1, i: [2, 3], f: [1, 2]}
      channels: {values: [4, 6, 8], default: 6}
      repeats: [1, 2]
      stride: 2
      encoding: "{kernel}e{expansion}c{channels}r{repeats}"
  head: {type: classification, channels: [8, 0], classes: 3}
  encoding: "{act}-s{stem.channels}/{t1}{s1}/h{head.channels}"
engine: {vary: none}
)";

}  // namespace lanewise::accuracy::testing
