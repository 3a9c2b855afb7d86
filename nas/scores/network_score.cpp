// SPDX-License-Identifier: Apache-2.0
#include "nas/scores/network_score.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/engine/suggestion.hpp"
#include "nas/scores/scale_capacity.hpp"
#include "nas/scores/signal_propagation.hpp"

namespace lanewise::nas {
namespace {

double per_image(const network::Graph& graph, double total) {
  return total / static_cast<double>(images_at_once(graph));
}

double macs_score(const network::Graph& graph) { return per_image(graph, static_cast<double>(network::macs(graph))); }

double parameters_score(const network::Graph& graph) { return static_cast<double>(network::parameters(graph)); }

double size_score(const network::Graph& graph) {
  return std::log(std::max(1.0, macs_score(graph))) + std::log(std::max(1.0, activated_outputs(graph)));
}

double trainability_score(const network::Graph& graph) { return propagate_signal(graph).trainability(); }

double signal_gain_score(const network::Graph& graph) { return -std::abs(propagate_signal(graph).log_gain); }

}  // namespace

const std::vector<NetworkScore>& network_scores() {
  static const std::vector<NetworkScore> all = {
      {kDefaultScore, "capacity at every scale of the image, and of the weakest layers", "", true, scale_capacity},
      {"macs", "multiply-accumulates", "MACs", true, macs_score},
      {"parameters", "trained numbers", "parameters", true, parameters_score},
      {"activated_outputs", "numbers that activation functions write", "numbers", true, activated_outputs},
      {"size", "ln MACs + ln activated outputs: what any other score has to beat", "", true, size_score},
      {"nn_mass", "width times depth times density of the links that skip layers, over residual IBNs", "channels", true,
       nn_mass},
      {"trainability",
       "how near to an isometry its blocks are as it is initialised, from topology, nonlinearity and operations", "",
       true, trainability_score},
      {"signal_gain",
       "how little gradients grow or vanish from the outputs to the first layer: minus the logarithm's magnitude", "",
       true, signal_gain_score},
  };
  return all;
}

const NetworkScore& network_score(const std::string& name) {
  std::vector<std::string> known;
  for (const NetworkScore& score : network_scores()) {
    if (name == score.name) return score;
    known.emplace_back(score.name);
  }
  throw Error(fmt::format("score '{}' is unknown{}; known are {}", printable(name), engine::suggestion(name, known),
                          fmt::join(known, ", ")));
}

std::int64_t images_at_once(const network::Graph& graph) {
  for (const network::TensorId input : graph.inputs()) {
    const std::vector<std::int64_t>& shape = graph.tensor(input).shape;
    if (shape.size() == 4) return std::max<std::int64_t>(1, shape[0]);
  }
  return 1;
}

double activated_outputs(const network::Graph& graph) {
  double total = 0;
  for (const network::Operator& op : graph.operators()) {
    // A cast changes how a number is stored, not the number.
    if (op.kind != network::OperatorKind::kActivation || op.activation == network::ActivationFunction::kCast) continue;
    total += static_cast<double>(graph.tensor(op.outputs[0]).elements());
  }
  return per_image(graph, total);
}

}  // namespace lanewise::nas
