// SPDX-License-Identifier: Apache-2.0
#include "study/workload/command_costs.hpp"

#include <utility>

#include "sim/planning.hpp"
#include "sim/simulate.hpp"
#include "study/evaluation/assemble.hpp"

namespace lanewise::study {

CommandCosts::CommandCosts(const PlannedNetwork& network, const engine::EngineConfig& engine,
                           std::vector<const record::SubgraphResult*> alone, record::Source source)
    : network_(network), engine_(engine), alone_(std::move(alone)), source_(source), until_(1, 0) {
  for (const record::SubgraphResult* const result : alone_) {
    until_.push_back(until_.back() + result->measurement.latency.count());
  }
}

std::vector<record::Measurement> CommandCosts::together(std::size_t first, std::size_t last) {
  const auto begin = network_.commands.begin() + static_cast<std::ptrdiff_t>(first);
  const auto end = network_.commands.begin() + static_cast<std::ptrdiff_t>(last) + 1;
  std::vector<record::Measurement> measurements;
  if (source_ == record::Source::kEstimated) {
    std::vector<record::SubgraphResult> results;
    for (std::size_t i = first; i <= last; ++i) results.push_back(*alone_[i]);
    for (record::SubgraphResult& result : hide_overlap({begin, end}, std::move(results), engine_)) {
      measurements.push_back(std::move(result.measurement));
    }
    return measurements;
  }
  if (plans_.empty()) {
    for (const mapping::Subgraph& command : network_.commands) plans_.push_back(sim::plan(command, engine_));
  }
  std::vector<sim::PlannedSubgraph> planned;
  for (std::size_t i = first; i <= last; ++i) planned.push_back({&plans_[i], &network_.commands[i]});
  return sim::simulate_sequence(planned, engine_);
}

const CommandCosts::Run& CommandCosts::overlapped(std::size_t first, std::size_t last) {
  const auto [place, unknown] = runs_.try_emplace({first, last});
  if (!unknown) return place->second;
  Run& run = place->second;
  run.measurements = together(first, last);
  std::int64_t end = 0;
  for (const record::Measurement& m : run.measurements) run.ends.push_back(end += m.latency.count());
  return run;
}

std::vector<const record::Measurement*> CommandCosts::run(std::size_t first, std::size_t last) {
  std::vector<const record::Measurement*> measurements;
  if (!engine_.overlaps_subgraphs()) {
    for (std::size_t i = first; i <= last; ++i) measurements.push_back(&alone_[i]->measurement);
    return measurements;
  }
  for (const record::Measurement& m : overlapped(first, last).measurements) measurements.push_back(&m);
  return measurements;
}

std::int64_t CommandCosts::end(std::size_t first, std::size_t last, std::size_t which) {
  if (!engine_.overlaps_subgraphs()) return until_[which + 1] - until_[first];
  return overlapped(first, last).ends[which - first];
}

}  // namespace lanewise::study
