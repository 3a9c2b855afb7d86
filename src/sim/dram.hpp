// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <deque>
#include <vector>

#include "engine/engine_config.hpp"
#include "sim/stream.hpp"
#include "sim/unit_log.hpp"

namespace lanewise::sim {

// DRAM behind one port. Reads answer after the latency, writes are posted. Streams of one initiator are served in
// order; those of different initiators share the bandwidth evenly, each held to what its outstanding requests can cover
// (Little's law: requests x burst / latency).
class Dram : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Dram> socket;

  SC_HAS_PROCESS(Dram);
  explicit Dram(const sc_core::sc_module_name& name);

  void configure(const engine::EngineConfig& engine, Ticks start);
  std::int64_t bytes_read() const { return bytes_read_; }
  std::int64_t bytes_written() const { return bytes_written_; }
  record::UnitTime finish(Ticks end, Cycles latency);

 private:
  struct Request {
    tlm::tlm_generic_payload* payload = nullptr;
    Ticks first_data = 0;
  };
  struct Port {
    std::deque<Request> queue;  // the head moves data once its latency is over
    double left = 0;            // DRAM bytes of the head
    double rate = 0;            // DRAM bytes a tick, 0: not moving
    bool moving = false;
  };

  tlm::tlm_sync_enum accept(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);
  void wake();
  void advance(Ticks to);
  void start_heads(Ticks at);
  void share();
  void schedule(Ticks at);

  std::vector<Port> ports_;
  sc_core::sc_event wake_event_;
  UnitLog log_{"dram"};
  double bandwidth_ = 0;     // bytes a tick
  double request_rate_ = 0;  // bytes a tick that one initiator's outstanding requests cover
  Ticks latency_ = 0;
  Ticks settled_ = 0;
  std::int64_t bytes_read_ = 0, bytes_written_ = 0;
};

}  // namespace lanewise::sim
