// SPDX-License-Identifier: Apache-2.0
// Engines in one simulation, which hold each other up at their DRAM.
#pragma once

#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/record/measurement.hpp"
#include "sim/engine_group.hpp"
#include "study/workload/memory_shares.hpp"
#include "study/workload/schedule.hpp"

namespace lanewise::study {

// A command begins once the one before it on its engine is done, however many the engine could program ahead.
class TogetherMachines : public Machines {
 public:
  // `networks` by network and engine, null where the network does not run there. All must outlive this.
  TogetherMachines(std::vector<const engine::EngineConfig*> engines,
                   std::vector<std::vector<const PlannedNetwork*>> networks);

  void begin(std::size_t engine, std::size_t network, std::size_t command, std::int64_t now) override;
  bool may_stop(std::size_t engine) const override;
  void extend(std::size_t engine) override;
  void stop(std::size_t engine) override;
  std::int64_t advance(std::int64_t until, std::vector<Happened>& happened) override;

  struct Measured {
    std::size_t engine = 0, network = 0, command = 0;
    record::Measurement measurement;
  };
  // Hands over what was measured of each command that is done, in their order.
  std::vector<Measured> take_measured() { return std::move(measured_); }

 private:
  struct Engine {
    std::size_t network = 0, command = 0;
    bool stopped = false;  // and not told yet that it is free
  };
  void start(std::size_t engine);

  std::vector<const engine::EngineConfig*> configs_;
  std::vector<std::vector<const PlannedNetwork*>> networks_;
  std::vector<std::vector<std::vector<mapping::TilePlan>>> plans_;  // by network, engine and command
  sim::EngineGroup group_;
  std::vector<Engine> engines_;
  std::vector<Measured> measured_;
};

}  // namespace lanewise::study
