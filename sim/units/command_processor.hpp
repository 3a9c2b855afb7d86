// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/units/engine_unit.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// Programs the subgraphs in order and issues their tiles one after the other to the computing units. With several
// groups of registers the next subgraph is programmed while its predecessor runs.
class CommandProcessor : public sc_core::sc_module, public EngineUnit {
 public:
  TokenOut to_load, to_load_weights, to_input_loader,
      to_operand_loader;       // a subgraph is programmed: its transfers may run
  TokenOut to_input;           // the same, and its input is there
  TokenOut to_array, to_post;  // a tile is issued
  TokenIn subgraph_done;       // a subgraph has come to its end

  SC_HAS_PROCESS(CommandProcessor);
  explicit CommandProcessor(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return sequence_ == nullptr || job_ == sequence_->jobs.size(); }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }

 private:
  void step();
  const Moment* done_before(std::size_t jobs);
  bool program();

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  std::size_t job_ = 0;  // the next to be programmed
  // The moment from which each subgraph that is known to have ended, and all before it, are done.
  std::vector<Moment> completed_;
  Moment local_;
  Moment programmed_;  // the next one's registers are written, if it is to be enabled yet
  sc_core::sc_event wake_;
  UnitLog log_{record::Unit::kCommandProcessor};
};

}  // namespace lanewise::sim
