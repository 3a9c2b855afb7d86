// SPDX-License-Identifier: Apache-2.0
#include "estimator/overlap.hpp"

#include <algorithm>

#include "estimator/analytical_model.hpp"

namespace lanewise::estimator {
namespace {

// Of what loading ahead saves, what may be wrong: against the simulator the formula was off by up to about half.
constexpr double kDoubt = 0.5;
// A predecessor off the array moves its tensors over the read port until it ends, and one that fills the weight banks
// holds up the first weights: between nothing and all of the loading finds room beside it.
constexpr double kShared = 0.5;

// From being enabled to the first MAC, and the bytes that lie in the banks by then and to the end.
struct Loading {
  double cycles = 0, drain_cycles = 0;  // the last: from the last MAC to the end
  double input_bytes = 0;
  double first_weight_bytes = 0, all_weight_bytes = 0;  // of the first group of output channels; of all
};

Loading loading_of(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  const Analytic analytic = analyse(subgraph, engine);
  const double enabled = as_double(engine.command.per_pass);
  const double weights = analytic.tile.weights.all_bytes;
  const double groups = std::max(1.0, as_double(analytic.work.groups));
  return {std::max(0.0, analytic.tile.fill_cycles - enabled), analytic.tile.drain_cycles,
          analytic.tile.input.tile_bytes, weights / groups, weights};
}

bool reads(const mapping::Subgraph& subgraph, const std::string& tensor) {
  return !tensor.empty() && std::find(subgraph.inputs.begin(), subgraph.inputs.end(), tensor) != subgraph.inputs.end();
}

}  // namespace

std::vector<Overlap> overlaps(const std::vector<mapping::Subgraph>& subgraphs, const engine::EngineConfig& engine,
                              const std::vector<double>& cycles) {
  std::vector<Overlap> out(subgraphs.size());
  if (!engine.overlaps_subgraphs()) return out;
  const double room = as_double(engine.activation_capacity()), weight_room = as_double(engine.weight_capacity());
  for (std::size_t i = 1; i < subgraphs.size(); ++i) {
    const double programming = std::min(cycles[i], as_double(engine.command.per_pass));
    out[i].cycles = programming;
    const mapping::Subgraph &before = subgraphs[i - 1], &subgraph = subgraphs[i];
    if (!engine.streams() || !subgraph.shape.uses_array() || reads(subgraph, before.output)) continue;
    const Loading mine = loading_of(subgraph, engine), theirs = loading_of(before, engine);
    const double most = std::max(0.0, std::min(mine.cycles + theirs.drain_cycles, cycles[i] - programming));
    const double saved = std::clamp(cycles[i - 1] - theirs.cycles, 0.0, most);
    // What of the input finds no room comes when the predecessor is done.
    const double fits = std::clamp((room - theirs.input_bytes) / std::max(1.0, mine.input_bytes), 0.0, 1.0);
    const bool alone = before.shape.uses_array() && mine.first_weight_bytes + theirs.all_weight_bytes <= weight_room;
    out[i].cycles += (alone ? fits : kShared) * saved;
    out[i].doubt = (alone ? kDoubt * fits : kShared) * saved;
  }
  return out;
}

}  // namespace lanewise::estimator
