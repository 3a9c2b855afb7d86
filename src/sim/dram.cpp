// SPDX-License-Identifier: Apache-2.0
#include "sim/dram.hpp"

#include <algorithm>

namespace lanewise::sim {

Dram::Dram(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
  socket.register_nb_transport_fw(this, &Dram::accept);
}

void Dram::begin(const Pass& pass) {
  requests_.assign(pass.plan.dma.size(), Request());
  served_ = 0;
  free_at_ = pass.start;
  latency_ = ticks(pass.engine.dram_latency());
  bandwidth_ = pass.engine.dram_bandwidth().count();
  const double in_flight = static_cast<double>(pass.engine.dram.outstanding_requests * pass.engine.dram.burst.count());
  const double latency_cycles = static_cast<double>(pass.engine.dram_latency().count());
  read_rate_ = latency_cycles > 0 ? std::min(bandwidth_, in_flight / latency_cycles) : bandwidth_;
  bytes_read_ = bytes_written_ = 0;
  log_.reset(pass.start);
}

tlm::tlm_sync_enum Dram::accept(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const Stream& stream = stream_of(payload);
  requests_[stream.turn] = {&payload, port, now() + (stream.write ? 0 : latency_)};
  serve();
  return tlm::TLM_ACCEPTED;
}

void Dram::serve() {
  for (; served_ < requests_.size() && requests_[served_].payload != nullptr; ++served_) {
    const Request& request = requests_[served_];
    const Stream& stream = stream_of(*request.payload);
    const double rate = stream.write ? bandwidth_ : read_rate_;
    free_at_ = std::max(free_at_, request.first_data) + ticks_up(static_cast<double>(stream.dram_bytes) / rate);
    (stream.write ? bytes_written_ : bytes_read_) += stream.dram_bytes;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = duration(free_at_ - now());
    socket[request.port]->nb_transport_bw(*request.payload, phase, delay);
  }
}

record::UnitTime Dram::finish(Ticks end, Cycles latency) {
  log_.set_busy(ticks_up(static_cast<double>(bytes_read_ + bytes_written_) / bandwidth_));
  return log_.finish(end, latency);
}

}  // namespace lanewise::sim
