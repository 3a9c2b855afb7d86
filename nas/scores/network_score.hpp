// SPDX-License-Identifier: Apache-2.0
// Scores of a network that need neither training nor weights nor an image: functions of its graph. The table of them.
// None is an accuracy; docs/predictor.md says how each ranks networks that were trained.
#pragma once

#include <string>
#include <vector>

#include "core/network/graph.hpp"

namespace lanewise::nas {

struct NetworkScore {
  const char* name;     // "macs": one word, as space files and commands give it
  const char* meaning;  // one line
  const char* unit;     // "MACs"; "" for plain numbers
  bool higher_is_better;
  // Per image where the network takes several at once. Finite for every graph; takes microseconds.
  double (*of)(const network::Graph& graph);
};

// Every score there is, each name once.
const std::vector<NetworkScore>& network_scores();
// Throws Error naming the scores there are.
const NetworkScore& network_score(const std::string& name);

// Images that the network takes at once: the first dimension of its first input that has four, at least 1.
std::int64_t images_at_once(const network::Graph& graph);

// Numbers that activation functions write, per image. It is what NASWOT counts: on networks that were trained the ranks
// of the two are equal but for rounding.
double activated_outputs(const network::Graph& graph);

// Sum over inverted bottlenecks (1x1 expansion, depthwise, 1x1 projection) whose input, of c channels, is added to
// their output:
//   (c + 2 h) c / (2 c + h),   with h channels inside; h = c where nothing is expanded.
// It is width times depth times density of links: the layers write h + h + c channels, and of the 2 c + h links that
// could skip a layer the addition makes c. Other blocks count nothing.
// Source: Bhardwaj, Li and Marculescu, How does topology influence gradient propagation and model performance of deep
// networks with DenseNet-type skip connections?, CVPR 2021.
double nn_mass(const network::Graph& graph);

}  // namespace lanewise::nas
