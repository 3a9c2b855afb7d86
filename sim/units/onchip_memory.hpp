// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <vector>

#include "sim/units/engine_unit.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/stream.hpp"

namespace lanewise::sim {

// The on-chip banks, one region for activations and one for weights. Each bank has two ports of its bandwidth: one for
// the DMA (a valid engine's banks can take all that DRAM gives) and one for the computing units, handed out in fixed
// time slots: the array and the post-processor have every second one, or the post-processor all in subgraphs that leave
// the array idle. Fixed slots cannot turn a faster unit into a slower subgraph.
class OnChipMemory : public sc_core::sc_module, public EngineUnit {
 public:
  tlm_utils::multi_passthrough_target_socket<OnChipMemory> socket;

  explicit OnChipMemory(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  std::vector<record::UnitTime> counted(const Counters& counters, Cycles latency) const override;

 private:
  void serve(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  std::vector<Counters>* counters_of_jobs_ = nullptr;
  double bandwidth_[kRegionCount] = {0, 0};  // bytes per cycle
};

}  // namespace lanewise::sim
