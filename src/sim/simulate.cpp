// SPDX-License-Identifier: Apache-2.0
#include "sim/simulate.hpp"

#include <limits>

#include "base/error.hpp"
#include "sim/neural_engine.hpp"

// The SystemC library refers to it; the programs here have a main of their own.
int sc_main(int, char**) { return 1; }

namespace lanewise::sim {
namespace {

// Elaborated once a process, at the first pass, and kept: the kernel cannot elaborate again.
NeuralEngine& neural_engine() {
  static NeuralEngine* const engine = [] {
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    return new NeuralEngine("neural_engine");
  }();
  return *engine;
}

}  // namespace

record::Measurement simulate(const mapping::TilePlan& plan, const mapping::Subgraph& subgraph,
                             const engine::EngineConfig& engine) {
  if (plan.steps.empty()) throw InternalError("simulator: the tile plan of '" + subgraph.name + "' has no steps");
  Pass pass{plan, subgraph, engine, {}, 0};
  if (plan.uses_array) pass.work = mapping::array_work(subgraph.shape, engine);
  return neural_engine().run(pass);
}

record::Measurement simulate(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  return simulate(mapping::plan_tiles(subgraph, engine), subgraph, engine);
}

std::vector<record::Measurement> simulate_sequence(const std::vector<PlannedPass>& passes,
                                                   const engine::EngineConfig& engine, record::Timeline* /*timeline*/) {
  std::vector<record::Measurement> measurements;
  measurements.reserve(passes.size());
  for (const PlannedPass& pass : passes) measurements.push_back(simulate(*pass.plan, *pass.subgraph, engine));
  return measurements;
}

}  // namespace lanewise::sim
