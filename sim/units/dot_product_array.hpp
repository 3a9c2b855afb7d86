// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include "sim/units/accumulators.hpp"
#include "sim/units/engine_unit.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/stream.hpp"
#include "sim/units/tokens.hpp"

namespace lanewise::sim {

// Computes tiles stripe by stripe: for each group of output channels, a stripe of pixels over all lane blocks of the
// reduction. A block lasts as long as its pixels, but no shorter than loading the next weights; a stripe's last block
// waits for room in the accumulators. Runs ahead in local time within a tile, whose operands nobody else touches.
class DotProductArray : public sc_core::sc_module, public EngineUnit {
 public:
  tlm_utils::simple_initiator_socket<DotProductArray> memory;
  SumsSinkPort accumulators;
  TokenIn commands, input_ready, weights_ready;
  TokenOut input_freed, weights_freed, subgraph_computed;

  SC_HAS_PROCESS(DotProductArray);
  explicit DotProductArray(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return sequence_ == nullptr || job_ == sequence_->jobs.size(); }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }

 private:
  void step();
  void skip_to_work();
  bool enter_tile();
  bool run_tile();
  bool run_stripe(const mapping::TileStep& tile);
  bool rows_there(const Job& job, std::int64_t pixels);
  Moment stripe_span(const Job& job, const mapping::TileStep& tile, Ticks takes) const;
  void pass_over_like_stripes(const mapping::TileStep& tile);
  void leave_tile(const mapping::TileStep& tile);

  const Sequence* sequence_ = nullptr;
  std::vector<Counters>* counters_of_jobs_ = nullptr;
  std::size_t job_ = 0, step_ = 0;
  bool in_tile_ = false;                // operands of the current tile are there
  std::int64_t group_ = 0, pixel_ = 0;  // progress within the tile
  std::size_t pieces_there_ = 0;        // of an input that comes in pieces
  Moment local_;                        // what is behind it is done
  Moment block_before_;                 // when the block before the next one began
  Moment computed_;                     // the last MAC of the subgraph before
  Moment computing_until_;              // the last MAC so far
  Ticks drained_ = 0;                   // the sums of the subgraph before have left the pipeline
  bool one_by_one_ = false;             // every stripe is wanted in the timeline
  double weight_bandwidth_ = 0;         // bytes per cycle
  StreamPayload stream_;
  sc_core::sc_event wake_;
  UnitLog log_{record::Unit::kDotProductArray};
};

}  // namespace lanewise::sim
