// SPDX-License-Identifier: Apache-2.0
#include "sim/simulate.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "core/base/error.hpp"
#include "core/mapping/plan_size.hpp"
#include "sim/elaboration.hpp"
#include "sim/planning.hpp"

namespace lanewise::sim {

// A subgraph as one job, or as one for each of its cubes.
void add_jobs(const PlannedSubgraph& planned, std::size_t number, const DoubledEngines& doubled, Sequence& sequence) {
  const mapping::TilePlan& plan = *planned.plan;
  const engine::EngineConfig& engine = *sequence.engine;
  if (plan.steps.empty()) {
    throw InternalError("simulator: the tile plan of '" + planned.subgraph->name + "' has no steps");
  }
  Job job;
  job.plan = &plan;
  job.subgraph = planned.subgraph;
  job.number = number;
  job.steps = plan.steps.size();
  if (plan.uses_array) job.work = mapping::array_work(planned.subgraph->shape, engine);
  job.what_if = WhatIf(*planned.subgraph, plan, job.work, engine, doubled);
  if (!plan.streams) {
    job.stores = std::count_if(plan.steps.begin(), plan.steps.end(),
                               [](const mapping::TileStep& step) { return step.store.bytes > 0; });
    sequence.jobs.push_back(job);
    return;
  }
  for (const mapping::Cube& cube : plan.cubes) {
    job.cube = &cube;
    job.first_step = cube.first_step;
    job.steps = cube.steps;
    job.input_beats = plan.steps[cube.first_step].input_load.dram_bytes / engine.dram.word.count();
    job.weight_beats = cube.weight_beats;
    if (engine.dma.overlap && plan.uses_array) {
      const network::Window& window = planned.subgraph->shape.window;
      job.pieces = mapping::input_pieces(cube.in_rows, plan.steps[cube.first_step].pixels, job.work.stripe_pixels,
                                         (window.kernel[0] - 1) * window.dilation[0] + 1);
    }
    sequence.jobs.push_back(job);
  }
}

record::Measurement simulate(const mapping::TilePlan& plan, const mapping::Subgraph& subgraph,
                             const engine::EngineConfig& engine) {
  return simulate_sequence({{&plan, &subgraph}}, engine).front();
}

record::Measurement simulate(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine) {
  return plan_and_simulate(subgraph, engine).measurement;
}

std::uint64_t kernel_deltas() { return sc_core::sc_delta_count(); }

std::vector<record::Measurement> simulate_sequence(const std::vector<PlannedSubgraph>& subgraphs,
                                                   const engine::EngineConfig& engine, record::Timeline* timeline) {
  if (subgraphs.empty()) return {};
  Sequence sequence;
  sequence.engine = &engine;
  const DoubledEngines doubled(engine);
  sequence.jobs.reserve(subgraphs.size());
  std::map<std::string, std::size_t> written;  // tensors, and the jobs until they are
  for (std::size_t number = 0; number < subgraphs.size(); ++number) {
    const std::size_t first = sequence.jobs.size();
    add_jobs(subgraphs[number], number, doubled, sequence);
    const mapping::Subgraph& subgraph = *subgraphs[number].subgraph;
    std::size_t waits_for = 0;
    for (const std::string& input : subgraph.inputs) {
      const auto producer = written.find(input);
      if (producer != written.end()) waits_for = std::max(waits_for, producer->second);
    }
    // Off the array nothing on chip holds a streamed input: it comes once the post-processor is free.
    if (subgraphs[number].plan->streams && !subgraphs[number].plan->uses_array) waits_for = first;
    for (std::size_t job = first; job < sequence.jobs.size(); ++job) {
      const mapping::Cube* const cube = sequence.jobs[job].cube;
      const bool adds_up = cube != nullptr && cube->waits_for > 0;
      sequence.jobs[job].waits_for = adds_up ? std::max(waits_for, first + cube->waits_for) : waits_for;
    }
    if (!subgraph.output.empty()) written[subgraph.output] = sequence.jobs.size();
  }
  std::int64_t steps = 0;
  for (const Job& job : sequence.jobs) steps += static_cast<std::int64_t>(job.steps);
  if (steps > mapping::kMostStepsOfRun) {
    throw Error("engine " + engine.name + ": the network's subgraphs have " + std::to_string(steps) +
                " steps together, at most " + std::to_string(mapping::kMostStepsOfRun) +
                " are simulated in one run; a smaller batch or map needs fewer");
  }
  join_programs(sequence);
  return elaborated().engines.front()->run(sequence, timeline);
}

}  // namespace lanewise::sim
