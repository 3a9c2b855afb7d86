// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <vector>

#include "sim/units/engine_unit.hpp"
#include "sim/units/rate_log.hpp"
#include "sim/units/sequence.hpp"
#include "sim/units/shared_dram.hpp"
#include "sim/units/stream.hpp"

namespace lanewise::sim {

// DRAM behind one port, serving transfers in the order of the DMA program. Reads answer after the latency, which passes
// while earlier transfers move; writes are posted. A transfer moves at the bandwidth, held to what its initiator's
// outstanding requests cover (Little's law: requests x burst / latency), and stands still while rows are opened. Where
// several engines share the memory behind it, it is the engine's port to that: what moves next is still up to the
// program, and how fast is up to the memory.
class Dram : public sc_core::sc_module, public EngineUnit, public DramClient {
 public:
  tlm_utils::multi_passthrough_target_socket<Dram> socket;
  sc_core::sc_port<DramShare> memory;  // used where the sequence shares its DRAM

  explicit Dram(const sc_core::sc_module_name& name);

  void begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) override;
  bool done() const override { return served_ == requests_.size(); }
  std::vector<const UnitLog*> logs() const override { return {&log_}; }
  std::vector<const RateLog*> rates() const override { return {&reads_, &writes_}; }
  void served(Ticks from, Ticks until) override;

 private:
  struct Request {
    tlm::tlm_generic_payload* payload = nullptr;  // null until it has come
    int port = 0;
  };

  tlm::tlm_sync_enum accept(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);
  void serve();
  Ticks pure(const Stream& stream) const { return ticks_up(static_cast<double>(stream.dram_bytes) / bandwidth_); }
  Ticks alone(const Stream& stream) const;
  void share(const Stream& stream);
  void answer(Ticks from, Ticks until);

  std::vector<Counters>* counters_of_jobs_ = nullptr;
  std::vector<Request> requests_;  // by turn
  std::size_t served_ = 0;
  bool serving_ = false;
  bool shared_ = false, asked_ = false;
  Moment free_at_;
  double bandwidth_ = 0;  // bytes per cycle
  double read_rate_ = 0;  // bytes per cycle that outstanding requests cover
  Moment latency_;
  double sooner_ = 1;  // share of a read with half the latency: outstanding requests cover more of the bandwidth
  UnitLog log_{record::Unit::kDram};
  RateLog reads_{"dram_read_bytes_per_cycle"}, writes_{"dram_write_bytes_per_cycle"};
};

}  // namespace lanewise::sim
