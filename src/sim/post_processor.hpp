// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/simple_initiator_socket.h>

#include "sim/accumulators.hpp"
#include "sim/link.hpp"
#include "sim/pass.hpp"
#include "sim/stream.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// Drains finished sums (bias, activation, element-wise operand, pooling, rounding to the output's precision), or works
// through input tiles by itself in passes off the array, and writes output tiles.
class PostProcessor : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<PostProcessor> memory;
  AccumulatorPort accumulators;
  LinkIn commands, input_ready, operand_ready, output_freed;
  LinkOut input_freed, operand_freed, output_ready;

  SC_HAS_PROCESS(PostProcessor);
  explicit PostProcessor(const sc_core::sc_module_name& name);

  void begin(const Pass& pass);
  bool done() const { return pass_ == nullptr || step_ == pass_->plan.steps.size(); }
  Ticks finished_at() const { return finished_at_; }  // the last output element is written
  std::int64_t elements() const { return elements_; }
  record::UnitTime finish(Ticks end, Cycles latency) { return log_.finish(end, latency); }

 private:
  void step();
  bool enter_tile(Ticks at);
  bool fetch_work(Ticks at);
  void start(Ticks at);
  void finish_work(Ticks at);
  void skip_partial_sums();
  void leave_tile();

  const Pass* pass_ = nullptr;
  std::size_t issued_ = 0, step_ = 0;
  int inputs_ = 0, operands_ = 0, outputs_ = 0;  // tiles on chip not yet taken; free output buffers
  bool in_tile_ = false, working_ = false;
  std::int64_t amount_ = 0;  // elements of the work under way
  bool last_of_step_ = false;
  Ticks work_end_ = 0;
  Ticks finished_at_ = 0;
  std::int64_t elements_ = 0;
  StreamPayload stream_;
  sc_core::sc_event wake_;
  UnitLog log_{"post_processor"};
};

}  // namespace lanewise::sim
