// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <vector>

#include "engine/engine_config.hpp"
#include "sim/stream.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// The on-chip banks, one region for activations and one for weights, each with the bandwidth of its banks. The DMA
// comes first (its rate is the DRAM's, which a valid engine's banks can always take); the computing units share what it
// leaves: all slow down to the same share of their pace until each fits (max-min fairness over both regions).
class OnChipMemory : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<OnChipMemory> socket;

  SC_HAS_PROCESS(OnChipMemory);
  explicit OnChipMemory(const sc_core::sc_module_name& name);

  void configure(const engine::EngineConfig& engine, Ticks start);
  double bytes_read() const { return bytes_read_; }
  double bytes_written() const { return bytes_written_; }
  record::UnitTime finish(Region region, Ticks end, Cycles latency);

 private:
  struct Port {
    tlm::tlm_generic_payload* payload = nullptr;  // paced stream under way
    double left = 0;                              // ticks at full pace
    double share = 0;                             // of the pace, 0-1
    double reserved[kRegionCount] = {0, 0};       // DMA: bytes a tick
  };

  tlm::tlm_sync_enum accept(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);
  void wake();
  void advance(Ticks to);
  void share();
  void schedule();

  std::vector<Port> ports_;
  sc_core::sc_event wake_event_;
  UnitLog logs_[kRegionCount] = {UnitLog("activation_memory"), UnitLog("weight_memory")};
  double bandwidth_[kRegionCount] = {0, 0};  // bytes a tick
  double moved_[kRegionCount] = {0, 0};      // bytes
  double bytes_read_ = 0, bytes_written_ = 0;
  Ticks settled_ = 0;
};

}  // namespace lanewise::sim
