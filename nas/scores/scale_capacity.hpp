// SPDX-License-Identifier: Apache-2.0
// The score that stands in for accuracy where nobody names another. It was fixed on networks that were really trained;
// docs/zero_shot.md says on which, what else was tried, and how well it ranks others.
#pragma once

#include "core/network/graph.hpp"

namespace lanewise::nas {

// The name of the score that is taken where none is named.
inline constexpr const char* kDefaultScore = "scale_capacity";

// What of the formula below is a number that somebody chose. The benchmark zero_shot varies it.
struct ScaleCapacityShape {
  double power = 0.5;         // p
  double macs_a_pixel = 4;    // m: an octave with less work than that adds little
  double weakest_weight = 1;  // w: of the second term
};

// How much a network can compute at every scale of the image, and how weak its weakest layers are:
//   Σ_o ln(1 + Σ_{l in o} (M_l / (m P))^p)  +  w · mean over activated layers of ln M_l
// M_l are the multiply-accumulates of layer l for one image, P the positions (pixels) of the network's input, and
// octave o holds the layers whose output has P / 4^o positions, rounded to the nearest whole o (P / 2^o where there is
// one axis). Layers are convolutions and linear layers that write maps: a classifier or a squeeze-excite, which work on
// a vector behind a mean, are left out where the input is a map. A layer is activated where an activation function
// reads what it writes, through normalization and element-wise operands.
//
// The first term has a reason in the order of things: work at one scale does not replace work at another, so scales are
// multiplied, not added; the root makes two layers worth more than one of the same work together. The second is low
// where layers between are cheap, as depthwise convolutions of few channels are, which all the signal must pass.
//
// Higher is better. No unit; finite for every graph: 0 without any such layer. Costs microseconds.
double scale_capacity(const network::Graph& graph, const ScaleCapacityShape& shape);
double scale_capacity(const network::Graph& graph);

}  // namespace lanewise::nas
