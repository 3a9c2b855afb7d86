// SPDX-License-Identifier: Apache-2.0
#include "estimator/overlap.hpp"

#include <algorithm>

#include "estimator/analytical_model.hpp"

namespace lanewise::estimator {
namespace {

// From being enabled to the first MAC, and the bytes that lie in the banks by then and to the end.
struct Loading {
  double cycles = 0;
  double input_bytes = 0;
  double first_weight_bytes = 0, all_weight_bytes = 0;  // of the first group of output channels; of all
};

Loading loading_of(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const Analytic analytic = analyse(subgraph, engine);
  const double enabled = as_double(engine.command.per_pass);
  const double weights = analytic.tile.weights.all_bytes;
  const double groups = std::max(1.0, as_double(analytic.work.groups));
  return {std::max(0.0, analytic.tile.fill_cycles - enabled), analytic.tile.input.tile_bytes, weights / groups,
          weights};
}

bool reads(const mapping::Subgraph& subgraph, const std::string& tensor) {
  return !tensor.empty() && std::find(subgraph.inputs.begin(), subgraph.inputs.end(), tensor) != subgraph.inputs.end();
}

}  // namespace

std::vector<double> overlapped_cycles(const std::vector<mapping::Subgraph>& subgraphs,
                                      const engine::EngineConfig& engine, const std::vector<double>& cycles) {
  std::vector<double> saved(subgraphs.size(), 0.0);
  if (!engine.overlaps_subgraphs()) return saved;
  const double room = as_double(engine.activation_capacity()), weight_room = as_double(engine.weight_capacity());
  for (std::size_t i = 1; i < subgraphs.size(); ++i) {
    saved[i] = std::min(cycles[i], as_double(engine.command.per_pass));
    const mapping::Subgraph &before = subgraphs[i - 1], &subgraph = subgraphs[i];
    if (!engine.streams() || !subgraph.shape.uses_array() || !before.shape.uses_array()) continue;
    if (reads(subgraph, before.output)) continue;
    const Loading mine = loading_of(subgraph, engine), theirs = loading_of(before, engine);
    if (mine.input_bytes + theirs.input_bytes > room) continue;
    if (mine.first_weight_bytes + theirs.all_weight_bytes > weight_room) continue;
    saved[i] += std::clamp(cycles[i - 1] - theirs.cycles, 0.0, std::min(mine.cycles, cycles[i] - saved[i]));
  }
  return saved;
}

}  // namespace lanewise::estimator
