// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/link.hpp"
#include "sim/pass.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// Decodes a pass, starts its DMA program, then issues its tiles one after the other to the computing units, which keep
// what they cannot do yet.
class CommandProcessor : public sc_core::sc_module {
 public:
  LinkOut to_load;            // the DMA program may run
  LinkOut to_array, to_post;  // how many more tiles are issued

  SC_HAS_PROCESS(CommandProcessor);
  explicit CommandProcessor(const sc_core::sc_module_name& name);

  void begin(const Pass& pass);
  bool done() const { return pass_ == nullptr || issued_ == pass_->plan.steps.size(); }
  record::UnitTime finish(Ticks end, Cycles latency) { return log_.finish(end, latency); }

 private:
  void issue();

  const Pass* pass_ = nullptr;
  bool decoded_ = false;
  std::size_t issued_ = 0;
  sc_core::sc_event next_;
  UnitLog log_{"command_processor"};
};

}  // namespace lanewise::sim
