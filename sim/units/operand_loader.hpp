// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>
#include <vector>

#include "sim/units/buffers.hpp"
#include "sim/units/engine_unit.hpp"
#include "sim/units/read_port.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// Streams the post-processor's second operand (residuals) through the read port, a group of output channels ahead.
class OperandLoader : public sc_core::sc_module, public EngineUnit, public FetchListener {
 public:
  sc_core::sc_port<ReadService> port;
  TokenIn commands;       // a subgraph is programmed
  TokenIn operand_freed;  // the post-processor is done with a group's operand
  TokenOut operand_ready;

  SC_HAS_PROCESS(OperandLoader);
  explicit OperandLoader(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return sequence_ == nullptr || answered_ == fetches_; }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }
  void fetched(Reader reader, std::size_t tag, const Arrival& arrival) override;

 private:
  void step();
  bool find_next();

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  std::size_t job_ = 0, step_ = 0;
  Moment turned_at_;
  bool turned_ = false;  // to the subgraph: it is programmed, and has buffers
  std::int64_t fetched_of_job_ = 0, slots_ = 0;
  FreeBuffers buffers_;
  std::size_t fetches_ = 0, answered_ = 0;
  sc_core::sc_event wake_;
  UnitLog log_{record::Unit::kOperandLoader};
};

}  // namespace lanewise::sim
