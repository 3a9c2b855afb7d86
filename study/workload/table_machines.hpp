// SPDX-License-Identifier: Apache-2.0
// Engines whose commands cost what a table says: none of them holds another up.
#pragma once

#include <cstdint>
#include <vector>

#include "study/workload/command_costs.hpp"
#include "study/workload/schedule.hpp"

namespace lanewise::study {

class TableMachines : public Machines {
 public:
  // `costs` by network and engine, null where the network does not run there; `register_groups` by engine: how many
  // commands may be programmed at once. Commands of one frame overlap as far as that allows; a stop drains the engine,
  // and what was fetched ahead for a command that does not follow is lost.
  TableMachines(std::vector<std::vector<CommandCosts*>> costs, std::vector<std::int64_t> register_groups);

  void begin(std::size_t engine, std::size_t network, std::size_t command, std::int64_t now) override;
  bool may_stop(std::size_t engine) const override;
  void extend(std::size_t engine) override;
  void stop(std::size_t engine) override;
  std::int64_t advance(std::int64_t until, std::vector<Happened>& happened) override;

 private:
  struct Engine {
    CommandCosts* costs = nullptr;  // null: free
    std::int64_t begun = 0;
    std::size_t first = 0, last = 0;  // the commands that it was told
    std::int64_t at = kNever;         // when it needs the next answer, or is free
    Event event = Event::kFree;
  };
  void look_ahead(Engine& engine, std::int64_t groups) const;

  std::vector<std::vector<CommandCosts*>> costs_;
  std::vector<std::int64_t> register_groups_;
  std::vector<Engine> engines_;
  std::int64_t now_ = 0;
};

}  // namespace lanewise::study
