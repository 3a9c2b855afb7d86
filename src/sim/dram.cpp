// SPDX-License-Identifier: Apache-2.0
#include "sim/dram.hpp"

#include <algorithm>

namespace lanewise::sim {
namespace {

constexpr double kNothingLeft = 1e-6;  // bytes: below this a stream has moved all

}  // namespace

Dram::Dram(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
  socket.register_nb_transport_fw(this, &Dram::accept);
  SC_METHOD(wake);
  sensitive << wake_event_;
  dont_initialize();
}

void Dram::configure(const engine::EngineConfig& engine, Ticks start) {
  ports_.assign(socket.size(), Port());
  latency_ = ticks(engine.dram_latency());
  bandwidth_ = engine.dram_bandwidth().count() / static_cast<double>(kTicksPerCycle);
  const double in_flight = static_cast<double>(engine.dram.outstanding_requests * engine.dram.burst.count());
  request_rate_ = latency_ > 0 ? in_flight / static_cast<double>(latency_) : bandwidth_;
  settled_ = start;
  bytes_read_ = bytes_written_ = 0;
  log_.reset(start);
}

tlm::tlm_sync_enum Dram::accept(int port, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const Stream& stream = stream_of(payload);
  (stream.write ? bytes_written_ : bytes_read_) += stream.dram_bytes;
  ports_[static_cast<std::size_t>(port)].queue.push_back({&payload, now() + (stream.write ? 0 : latency_)});
  wake_event_.notify(sc_core::SC_ZERO_TIME);
  return tlm::TLM_ACCEPTED;
}

void Dram::advance(Ticks to) {
  for (Port& port : ports_) {
    if (port.moving) port.left -= port.rate * static_cast<double>(to - settled_);
  }
  settled_ = to;
}

void Dram::start_heads(Ticks at) {
  for (Port& port : ports_) {
    if (port.moving || port.queue.empty() || port.queue.front().first_data > at) continue;
    port.moving = true;
    port.left = static_cast<double>(stream_of(*port.queue.front().payload).dram_bytes);
    port.rate = 0;
  }
}

// Even shares; what a port cannot use goes to the others.
void Dram::share() {
  int waiting = 0;
  for (const Port& port : ports_) waiting += port.moving ? 1 : 0;
  const double even = waiting > 0 ? bandwidth_ / waiting : 0.0;
  // All ports have the same limit, so either every one is held by it or none.
  const double rate = std::min(even, request_rate_);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    Port& port = ports_[i];
    if (!port.moving || port.rate == rate) continue;
    port.rate = rate;
    tlm::tlm_generic_payload& payload = *port.queue.front().payload;
    Stream& stream = stream_of(payload);
    stream.rate = rate * static_cast<double>(stream.bytes) / static_cast<double>(stream.dram_bytes);
    tlm::tlm_phase phase = rate_change;
    sc_core::sc_time delay;
    socket[static_cast<int>(i)]->nb_transport_bw(payload, phase, delay);
  }
}

void Dram::schedule(Ticks at) {
  bool any = false;
  double next = 0;
  const auto consider = [&](double in) {
    if (!any || in < next) next = in;
    any = true;
  };
  for (const Port& port : ports_) {
    if (port.moving) consider(std::max(1.0, std::ceil(port.left / port.rate - 1e-6)));
    if (!port.moving && !port.queue.empty()) consider(static_cast<double>(port.queue.front().first_data - at));
  }
  wake_event_.cancel();
  if (any) wake_event_.notify(duration(static_cast<Ticks>(next)));
}

void Dram::wake() {
  const Ticks at = now();
  advance(at);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    Port& port = ports_[i];
    if (!port.moving || port.left > kNothingLeft) continue;
    tlm::tlm_generic_payload* payload = port.queue.front().payload;
    port.queue.pop_front();
    port.moving = false;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    socket[static_cast<int>(i)]->nb_transport_bw(*payload, phase, delay);
  }
  start_heads(at);
  share();
  schedule(at);
}

record::UnitTime Dram::finish(Ticks end, Cycles latency) {
  log_.set_busy(static_cast<Ticks>(static_cast<double>(bytes_read_ + bytes_written_) / bandwidth_));
  return log_.finish(end, latency);
}

}  // namespace lanewise::sim
