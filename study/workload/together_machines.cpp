// SPDX-License-Identifier: Apache-2.0
#include "study/workload/together_machines.hpp"

#include <utility>

#include "sim/planning.hpp"

namespace lanewise::study {
namespace {

using Networks = std::vector<std::vector<const PlannedNetwork*>>;

// Plans are made before the engines begin: choosing them simulates too.
std::vector<std::vector<std::vector<mapping::TilePlan>>> plans_of(
    const std::vector<const engine::EngineConfig*>& engines, const Networks& networks) {
  std::vector<std::vector<std::vector<mapping::TilePlan>>> plans(networks.size());
  for (std::size_t n = 0; n < networks.size(); ++n) {
    plans[n].resize(engines.size());
    for (std::size_t e = 0; e < engines.size(); ++e) {
      if (networks[n][e] == nullptr) continue;
      for (const mapping::Subgraph& command : networks[n][e]->commands) {
        plans[n][e].push_back(sim::plan(command, *engines[e]));
      }
    }
  }
  return plans;
}

}  // namespace

TogetherMachines::TogetherMachines(std::vector<const engine::EngineConfig*> engines, Networks networks)
    : configs_(std::move(engines)),
      networks_(std::move(networks)),
      plans_(plans_of(configs_, networks_)),
      group_(configs_),
      engines_(configs_.size()) {}

void TogetherMachines::start(std::size_t number) {
  const Engine& engine = engines_[number];
  group_.start(number, {&plans_[engine.network][number][engine.command],
                        &networks_[engine.network][number]->commands[engine.command]});
}

void TogetherMachines::begin(std::size_t number, std::size_t network, std::size_t command, std::int64_t) {
  engines_[number] = {network, command};
  start(number);
}

bool TogetherMachines::may_stop(std::size_t number) const {
  return networks_[engines_[number].network][number]->may_stop_after[engines_[number].command];
}

void TogetherMachines::extend(std::size_t number) {
  ++engines_[number].command;
  start(number);
}

void TogetherMachines::stop(std::size_t number) { engines_[number].stopped = true; }

std::int64_t TogetherMachines::advance(std::int64_t until, std::vector<Happened>& happened) {
  for (std::size_t number = 0; number < engines_.size(); ++number) {
    if (!engines_[number].stopped) continue;
    engines_[number].stopped = false;
    happened.push_back({number, Event::kFree});
  }
  if (!happened.empty()) return group_.now();
  std::vector<sim::EngineGroup::Finished> finished;
  group_.run_until(until, finished);
  for (sim::EngineGroup::Finished& done : finished) {
    const Engine& engine = engines_[done.engine];
    const bool last = engine.command + 1 == networks_[engine.network][done.engine]->commands.size();
    happened.push_back({done.engine, last ? Event::kFree : Event::kDecide});
    measured_.push_back({done.engine, engine.network, engine.command, std::move(done.measurement)});
  }
  return group_.now();
}

}  // namespace lanewise::study
