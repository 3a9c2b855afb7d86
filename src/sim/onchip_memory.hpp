// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include "sim/pass.hpp"
#include "sim/stream.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// The on-chip banks, one region for activations and one for weights. Each bank has two ports of its bandwidth: one for
// the DMA (a valid engine's banks can take all that DRAM gives) and one for the computing units, handed out in fixed
// time slots: the array and the post-processor have every second one, or the post-processor all in passes that leave
// the array idle. Fixed slots cannot turn a faster unit into a slower pass.
class OnChipMemory : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<OnChipMemory> socket;

  explicit OnChipMemory(const sc_core::sc_module_name& name);

  void begin(const Pass& pass);
  double bytes_read() const { return bytes_read_; }
  double bytes_written() const { return bytes_written_; }
  record::UnitTime finish(Region region, Ticks end, Cycles latency);

 private:
  void serve(int port, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  UnitLog logs_[kRegionCount] = {UnitLog("activation_memory"), UnitLog("weight_memory")};
  double bandwidth_[kRegionCount] = {0, 0};  // bytes a cycle
  double slots_[kRegionCount] = {0, 0};      // bytes a cycle that one computing unit may count on
  double moved_[kRegionCount] = {0, 0};      // bytes
  double bytes_read_ = 0, bytes_written_ = 0;
};

}  // namespace lanewise::sim
