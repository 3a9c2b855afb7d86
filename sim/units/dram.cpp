// SPDX-License-Identifier: Apache-2.0
#include "sim/units/dram.hpp"

#include <algorithm>

namespace lanewise::sim {

Dram::Dram(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
  socket.register_nb_transport_fw(this, &Dram::accept);
}

void Dram::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording keep) {
  counters_of_jobs_ = &counters_of_jobs;
  const engine::EngineConfig& e = *sequence.engine;
  requests_.assign(sequence.transfers, Request());
  served_ = 0;
  serving_ = false;
  free_at_ = Moment::begin(sequence.start);
  latency_ = span(e.dram_latency(), Resource::kDramLatency);
  bandwidth_ = e.dram_bandwidth().count();
  const double in_flight = static_cast<double>(e.dram.outstanding_requests * e.dram.burst.count());
  const double latency_cycles = static_cast<double>(e.dram_latency().count());
  read_rate_ = latency_cycles > 0 ? std::min(bandwidth_, in_flight / latency_cycles) : bandwidth_;
  sooner_ = read_rate_ / std::min(bandwidth_, 2 * read_rate_);
  log_.reset(sequence.start, keep.slices);
  reads_.reset(keep.timeline);
  writes_.reset(keep.timeline);
}

tlm::tlm_sync_enum Dram::accept(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  requests_[stream_of(payload).turn] = {&payload, port};
  if (!serving_) serve();  // else the loop below goes on to it
  return tlm::TLM_ACCEPTED;
}

void Dram::serve() {
  serving_ = true;
  for (; served_ < requests_.size() && requests_[served_].payload != nullptr; ++served_) {
    const Request request = requests_[served_];
    Stream& stream = stream_of(*request.payload);
    const Ticks moving = ticks_up(static_cast<double>(stream.dram_bytes) / bandwidth_);
    const Ticks takes =
        stream.row_misses + (stream.write ? moving : ticks_up(static_cast<double>(stream.dram_bytes) / read_rate_));
    Moment from = stream.requested;
    if (!stream.write) from.add(latency_);
    free_at_.wait_for(from);
    stream.moving_from = free_at_;
    Moment moves(takes - stream.row_misses);
    moves.scale(*stream.shares);
    if (!stream.write && read_rate_ < bandwidth_) moves.with(Resource::kDramLatency) *= sooner_;
    moves.add(span(stream.row_misses, Resource::kDramLatency));
    stream.ended = free_at_.add(moves);
    Counters& counters = (*counters_of_jobs_)[stream.job];
    (stream.write ? counters.dram_write : counters.dram_read) += stream.dram_bytes;
    log_.working_on(stream.job, stream.step);
    log_.idle_until(stream.moving_from);
    log_.busy_until(stream.moving_from + moving);
    log_.stalled_until(Stall::kDram, stream.ended.at);
    (stream.write ? writes_ : reads_).stretch(stream.moving_from, stream.ended, static_cast<double>(stream.dram_bytes));
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = duration(std::max<Ticks>(0, stream.ended - now()));
    socket[request.port]->nb_transport_bw(*request.payload, phase, delay);
  }
  serving_ = false;
}

}  // namespace lanewise::sim
