// SPDX-License-Identifier: Apache-2.0
#include "study/workload/table_machines.hpp"

#include <algorithm>
#include <utility>

namespace lanewise::study {

TableMachines::TableMachines(std::vector<std::vector<CommandCosts*>> costs, std::vector<std::int64_t> register_groups)
    : costs_(std::move(costs)), register_groups_(std::move(register_groups)), engines_(register_groups_.size()) {}

// The command that may follow is programmed once the registers of an earlier one are free; by then it must be known.
void TableMachines::look_ahead(Engine& engine, std::int64_t groups) const {
  const std::size_t end = engine.costs->commands() - 1;
  if (engine.last == end) {
    engine.event = Event::kFree;
    engine.at = engine.begun + engine.costs->end(engine.first, end, end);
    return;
  }
  const auto told = static_cast<std::int64_t>(engine.last - engine.first) + 1;
  const std::int64_t done = told - groups;  // commands that must be done before
  engine.event = Event::kDecide;
  engine.at = engine.begun;
  if (done >= 0) engine.at += engine.costs->end(engine.first, end, engine.first + static_cast<std::size_t>(done));
}

void TableMachines::begin(std::size_t number, std::size_t network, std::size_t command, std::int64_t now) {
  Engine& engine = engines_[number];
  engine.costs = costs_[network][number];
  engine.begun = now_ = now;
  engine.first = engine.last = command;
  look_ahead(engine, register_groups_[number]);
}

bool TableMachines::may_stop(std::size_t number) const {
  return engines_[number].costs->may_stop_after(engines_[number].last);
}

void TableMachines::extend(std::size_t number) {
  Engine& engine = engines_[number];
  ++engine.last;
  look_ahead(engine, register_groups_[number]);
}

void TableMachines::stop(std::size_t number) {
  Engine& engine = engines_[number];
  engine.event = Event::kFree;
  engine.at = engine.begun + engine.costs->end(engine.first, engine.last, engine.last);
}

std::int64_t TableMachines::advance(std::int64_t until, std::vector<Happened>& happened) {
  std::int64_t at = until;
  for (const Engine& engine : engines_) {
    if (engine.costs != nullptr) at = std::min(at, engine.at);
  }
  now_ = at = std::max(at, now_);
  for (std::size_t number = 0; number < engines_.size(); ++number) {
    Engine& engine = engines_[number];
    if (engine.costs == nullptr || engine.at > at) continue;
    happened.push_back({number, engine.event});
    if (engine.event == Event::kFree) engine.costs = nullptr;
  }
  return at;
}

}  // namespace lanewise::study
