// SPDX-License-Identifier: Apache-2.0
#include "sim/engine_group.hpp"

#include <limits>
#include <new>
#include <string>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "sim/elaboration.hpp"

namespace lanewise::sim {
namespace {

constexpr std::int64_t kWithoutEnd = std::numeric_limits<std::int64_t>::max();

void run_kernel_until(std::int64_t until, Ticks origin) {
  try {
    if (until == kWithoutEnd) {
      sc_core::sc_start();
    } else {
      sc_core::sc_start(duration(origin + until * kTicksPerCycle - now()));
    }
  } catch (const sc_core::sc_report& report) {
    const std::string what = report.get_msg();
    if (what.find("bad_alloc") != std::string::npos) throw std::bad_alloc();
    throw InternalError("simulator: " + what);
  }
}

void check(const std::vector<const engine::EngineConfig*>& engines) {
  if (engines.empty() || engines.size() > kMostEngines) {
    throw Error(std::to_string(engines.size()) + " engines share a DRAM, must be 1 to " + std::to_string(kMostEngines));
  }
  const engine::EngineConfig& first = *engines.front();
  for (const engine::EngineConfig* const other : engines) {
    if (other->streams()) {
      throw Error("engine " + other->name +
                  ": dma.kind is streams; only engines of the kind tiles can share a DRAM with others");
    }
    if (other->array.clock != first.array.clock) {
      throw Error("engines " + first.name + " and " + other->name +
                  " share a DRAM: engine.clock must be the same, is " + to_text(first.array.clock) + " and " +
                  to_text(other->array.clock));
    }
    if (other->dram.bandwidth != first.dram.bandwidth) {
      throw Error("engines " + first.name + " and " + other->name +
                  " share a DRAM: dram.bandwidth must be the same, is " + to_text(first.dram.bandwidth) + " and " +
                  to_text(other->dram.bandwidth));
    }
  }
}

}  // namespace

struct EngineGroup::State {
  struct Engine {
    explicit Engine(const engine::EngineConfig& of) : config(&of), doubled(of) {}
    const engine::EngineConfig* config;
    DoubledEngines doubled;
    Sequence sequence;
    bool busy = false;
  };
  std::vector<std::unique_ptr<Engine>> engines;
  Ticks origin = 0;
};

EngineGroup::EngineGroup(std::vector<const engine::EngineConfig*> engines) : state_(std::make_unique<State>()) {
  check(engines);
  for (const engine::EngineConfig* const engine : engines) {
    state_->engines.push_back(std::make_unique<State::Engine>(*engine));
  }
  elaborated().dram->reset();
  state_->origin = sim::now();
}

// What was given up in the middle runs out, so that whatever comes next finds a quiet kernel.
EngineGroup::~EngineGroup() {
  try {
    std::vector<Finished> finished;
    const auto busy = [&] {
      for (const auto& engine : state_->engines) {
        if (engine->busy) return true;
      }
      return false;
    };
    while (busy()) run_until(kWithoutEnd, finished);
  } catch (...) {  // the error that ended the run has been thrown already
  }
}

std::int64_t EngineGroup::now() const { return (sim::now() - state_->origin) / kTicksPerCycle; }

void EngineGroup::start(std::size_t number, const PlannedSubgraph& planned) {
  State::Engine& engine = *state_->engines[number];
  if (engine.busy) throw InternalError("an engine was started while it was at work");
  engine.sequence = Sequence();
  engine.sequence.engine = engine.config;
  engine.sequence.shares_dram = true;
  add_jobs(planned, 0, engine.doubled, engine.sequence);
  join_programs(engine.sequence);
  engine.busy = true;
  elaborated().engines[number]->start(engine.sequence);
}

void EngineGroup::run_until(std::int64_t until, std::vector<Finished>& finished) {
  const std::size_t before = finished.size();
  const auto collect = [&] {
    for (std::size_t number = 0; number < state_->engines.size(); ++number) {
      State::Engine& engine = *state_->engines[number];
      NeuralEngine& unit = *elaborated().engines[number];
      if (!engine.busy || !unit.finished()) continue;
      engine.busy = false;
      finished.push_back({number, unit.finish()});
    }
  };
  bool busy = false;
  for (const auto& engine : state_->engines) busy = busy || engine->busy;
  if (!busy && until == kWithoutEnd) return;
  while (finished.size() == before && now() < until) {
    const Ticks began = sim::now();
    const std::uint64_t deltas = sc_core::sc_delta_count();
    run_kernel_until(until, state_->origin);
    collect();
    if (finished.size() == before && until == kWithoutEnd && began == sim::now() &&
        deltas == sc_core::sc_delta_count()) {
      throw InternalError("simulator: deadlock of engines that share a DRAM");
    }
  }
}

}  // namespace lanewise::sim
