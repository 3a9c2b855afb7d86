// SPDX-License-Identifier: Apache-2.0
#include "estimator/analytical_model.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/engine/kinds/engine_kind.hpp"
#include "core/mapping/nominal_cost.hpp"
#include "core/mapping/tile_problem.hpp"
#include "estimator/analytical_patch.hpp"
#include "estimator/analytical_stream.hpp"

namespace lanewise::estimator {
namespace {

using mapping::AnalyticalTile;

constexpr double kPicojoulesPerMilliwattSecond = 1e9;

// The model of one kind of engine. Bounds and array work are known when it is asked.
using Model = AnalyticalTile (*)(const mapping::Subgraph&, const engine::EngineConfig&, const Analytic&);

AnalyticalTile of_tiles(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, const Analytic& a) {
  if (a.work.patch_pixels > 0) return analytical_patch(subgraph, engine);
  return mapping::analytical_tile(subgraph, engine, a.bounds);
}
AnalyticalTile of_streams(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine, const Analytic& a) {
  return analytical_stream(subgraph, engine, a.work);
}

// One line per kind of engine, in the order of engine::DmaKind.
constexpr Model kModels[] = {of_tiles, of_streams};
static_assert(std::size(kModels) == engine::kEngineKindCount);

Model model_of(engine::DmaKind kind) { return kModels[static_cast<std::size_t>(kind)]; }

}  // namespace

Analytic analyse(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                 const mapping::ClosedForm* known) {
  const mapping::SubgraphShape& shape = subgraph.shape;
  const std::int64_t pixels = shape.batch * shape.conv_height() * shape.conv_width();
  Analytic a;
  a.bounds = known != nullptr ? known->bounds : mapping::bounds(subgraph, engine);
  a.pixels = as_double(pixels);
  if (shape.uses_array()) {
    a.work = mapping::array_work(shape, engine);
    a.stripes = std::ceil(a.pixels / as_double(a.work.stripe_pixels));
    a.array_cycles = as_double(a.work.groups) * mapping::group_cycles(a.work, pixels, a.work.blocks);
  }
  const Model model = model_of(engine.dma.kind);
  const bool by_tiles = model == of_tiles && a.work.patch_pixels == 0;
  a.tile = by_tiles && known != nullptr ? known->tile : model(subgraph, engine, a);
  a.least_energy_pj =
      known != nullptr ? known->least_energy_pj : mapping::energy_bound_picojoules(subgraph, engine, a.bounds);
  const mapping::NominalCost cost =
      mapping::nominal_cost(engine, a.bounds, a.least_energy_pj, a.tile.latency_cycles, a.tile.dram_bytes());
  a.latency_cycles = cost.cycles;
  a.dram_bytes = cost.dram_bytes;
  a.energy_pj = cost.energy_pj;
  a.launch_cycles = as_double(engine.launch_cycles());
  a.launch_pj =
      engine.static_power().count() * engine.seconds(engine.launch_cycles()).count() * kPicojoulesPerMilliwattSecond;
  a.peak_sram_bytes = as_double(mapping::resident_bytes(subgraph.context, engine)) + a.tile.peak_bytes;
  return a;
}

}  // namespace lanewise::estimator
