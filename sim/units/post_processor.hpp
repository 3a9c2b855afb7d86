// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include "sim/units/accumulators.hpp"
#include "sim/units/buffers.hpp"
#include "sim/units/engine_unit.hpp"
#include "sim/units/output_stream.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/stream.hpp"
#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// Drains finished sums (bias, activation, element-wise operand, pooling, rounding to the output's precision), or works
// through input tiles by itself in subgraphs off the array, and writes output tiles: into a buffer on chip, or atom by
// atom to the write port.
class PostProcessor : public sc_core::sc_module, public EngineUnit, public SumsListener {
 public:
  tlm_utils::simple_initiator_socket<PostProcessor> memory;
  sc_core::sc_port<SumsSource> accumulators;
  sc_core::sc_port<OutputSink> output;
  TokenIn commands, input_ready, operand_ready, output_freed;
  TokenOut input_freed, operand_freed, output_ready, subgraph_done;

  SC_HAS_PROCESS(PostProcessor);
  explicit PostProcessor(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return sequence_ == nullptr || job_ == sequence_->jobs.size(); }
  // That of the host too, where a subgraph runs there.
  std::vector<const UnitLog*> logs() const override;
  void sums_arrived() override { step(); }
  bool note(StateNote& state, Ticks now) override;
  void mark() override;
  void pass_over(const Run& run) override;

 private:
  void step();
  bool on_host() const;
  UnitLog& told() { return on_host() ? host_log_ : log_; }
  void skip_to_work();
  bool enter_tile(const Moment& earliest, bool wait_for_kernel);
  bool drain_sums();
  bool run_alone();
  Moment transport(const mapping::TileStep& tile, const Moment& from, const Moment& pace, double share,
                   const Shares* parts = nullptr);
  void leave_tile();

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  std::size_t job_ = 0, step_ = 0;
  std::int64_t skipped_ = 0;  // tiles without work for this unit whose commands are still to be taken
  FreeBuffers buffers_;       // of the output
  bool in_tile_ = false;
  Moment local_, marked_;  // what is behind it is done, now and when `mark` was called
  StreamPayload stream_;
  sc_core::sc_event wake_;
  UnitLog log_{record::Unit::kPostProcessor};
  UnitLog host_log_{record::Unit::kHost};
};

}  // namespace lanewise::sim
