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
  serving_ = asked_ = false;
  shared_ = sequence.shares_dram;
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

// How long a transfer takes that has the memory to itself, once it moves.
Ticks Dram::alone(const Stream& stream) const {
  return stream.row_misses +
         (stream.write ? pure(stream) : ticks_up(static_cast<double>(stream.dram_bytes) / read_rate_));
}

void Dram::serve() {
  serving_ = true;
  while (served_ < requests_.size() && requests_[served_].payload != nullptr) {
    const Stream& stream = stream_of(*requests_[served_].payload);
    Moment from = stream.requested;
    if (!stream.write) from.add(latency_);
    if (shared_) {
      share(stream);
      break;
    }
    free_at_.wait_for(from);
    answer(free_at_, free_at_ + alone(stream));
  }
  serving_ = false;
}

// The transfer at the head of the program, asked for once.
void Dram::share(const Stream& stream) {
  if (asked_) return;
  asked_ = true;
  Moment from = stream.requested;
  if (!stream.write) from.add(latency_);
  free_at_.wait_for(from);
  const Ticks takes = alone(stream);
  const double use =
      static_cast<double>(pure(stream) + stream.row_misses) / static_cast<double>(std::max<Ticks>(1, takes));
  memory->ask(*this, {std::max(now(), free_at_.at), takes, use});
}

void Dram::served(Ticks from, Ticks until) {
  asked_ = false;
  answer(from, until);
  if (!serving_) serve();
}

// The transfer at the head of the program moves in [from, until), which may be longer than it would take alone.
void Dram::answer(Ticks from, Ticks until) {
  const Request request = requests_[served_++];
  Stream& stream = stream_of(*request.payload);
  const Ticks takes = alone(stream);
  stream.moving_from = from;
  stream.moving = free_at_;
  Moment moves(takes - stream.row_misses);
  moves.scale(*stream.shares);
  if (!stream.write && read_rate_ < bandwidth_) moves.with(Resource::kDramLatency) *= sooner_;
  moves.add(span(stream.row_misses, Resource::kDramLatency));
  free_at_.add(moves);
  if (until > free_at_.at) free_at_.add(span(until - free_at_.at, Resource::kDram));
  stream.ended = free_at_;
  Counters& counters = (*counters_of_jobs_)[stream.job];
  (stream.write ? counters.dram_write : counters.dram_read) += stream.dram_bytes;
  log_.working_on(stream.job, stream.step);
  log_.idle_until(stream.moving_from);
  log_.busy_until(stream.moving_from + pure(stream));
  log_.stalled_until(Stall::kDram, stream.ended.at);
  (stream.write ? writes_ : reads_).stretch(stream.moving_from, stream.ended, static_cast<double>(stream.dram_bytes));
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = duration(std::max<Ticks>(0, stream.ended - now()));
  socket[request.port]->nb_transport_bw(*request.payload, phase, delay);
}

}  // namespace lanewise::sim
