// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include "sim/accumulators.hpp"
#include "sim/link.hpp"
#include "sim/pass.hpp"
#include "sim/stream.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// Computes tiles stripe by stripe: for each group of output channels, as many pixels as fill half the accumulators,
// over all lane blocks of the reduction. A block lasts as long as its pixels, but no shorter than loading the next
// weights.
class DotProductArray : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DotProductArray> memory;
  AccumulatorPort accumulators;
  LinkIn commands, input_ready, weights_ready;
  LinkOut input_freed, weights_freed;

  SC_HAS_PROCESS(DotProductArray);
  explicit DotProductArray(const sc_core::sc_module_name& name);

  void begin(const Pass& pass);
  bool done() const { return pass_ == nullptr || step_ == pass_->plan.steps.size(); }
  std::int64_t macs() const { return macs_; }
  double accumulations() const { return accumulations_; }  // partial sums written
  record::UnitTime finish(Ticks end, Cycles latency) { return log_.finish(end, latency); }

 private:
  void step();
  bool enter_tile(Ticks at);
  void start_stripe(Ticks at);
  void finish_stripe(Ticks at);
  void leave_tile(const mapping::TileStep& tile);

  const Pass* pass_ = nullptr;
  std::size_t issued_ = 0, step_ = 0;
  int inputs_ = 0, weights_ = 0;  // tiles on chip, not yet taken
  bool in_tile_ = false;          // operands of the current tile are there
  bool claimed_ = false;          // half the accumulators is ours
  bool computing_ = false;
  bool filled_ = false;                 // the pipeline has had its first weights
  std::int64_t group_ = 0, pixel_ = 0;  // progress within the tile
  std::int64_t stripe_ = 0;             // pixels of the stripe under way
  Ticks stripe_end_ = 0;
  std::int64_t macs_ = 0;
  double accumulations_ = 0;
  StreamPayload stream_;
  sc_core::sc_event wake_;
  UnitLog log_{"dot_product_array"};
};

}  // namespace lanewise::sim
