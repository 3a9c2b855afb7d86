// SPDX-License-Identifier: Apache-2.0
#include "sim/onchip_memory.hpp"

#include <algorithm>

namespace lanewise::sim {
namespace {

constexpr double kNothingLeft = 1e-6;  // ticks

double demand_rate(const Stream& stream, int region) {
  return stream.demand[region] / static_cast<double>(stream.pace);
}

}  // namespace

OnChipMemory::OnChipMemory(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
  socket.register_nb_transport_fw(this, &OnChipMemory::accept);
  SC_METHOD(wake);
  sensitive << wake_event_;
  dont_initialize();
}

void OnChipMemory::configure(const engine::EngineConfig& engine, Ticks start) {
  ports_.assign(socket.size(), Port());
  bandwidth_[static_cast<int>(Region::kActivations)] =
      engine.activation_bandwidth().count() / static_cast<double>(kTicksPerCycle);
  bandwidth_[static_cast<int>(Region::kWeights)] =
      engine.weight_bandwidth().count() / static_cast<double>(kTicksPerCycle);
  for (int region = 0; region < kRegionCount; ++region) {
    moved_[region] = 0;
    logs_[region].reset(start);
  }
  bytes_read_ = bytes_written_ = 0;
  settled_ = start;
}

tlm::tlm_sync_enum OnChipMemory::accept(int id, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                        sc_core::sc_time&) {
  Port& port = ports_[static_cast<std::size_t>(id)];
  const Stream& stream = stream_of(payload);
  const int region = static_cast<int>(stream.region);
  if (phase == rate_change) {
    port.reserved[region] = stream.rate;
  } else if (phase == tlm::BEGIN_REQ && stream.pace == 0) {  // a DMA transfer, reserved for by rate
    moved_[region] += static_cast<double>(stream.bytes);
    (stream.write ? bytes_read_ : bytes_written_) += static_cast<double>(stream.bytes);
    return tlm::TLM_ACCEPTED;
  } else {
    for (int i = 0; i < kRegionCount; ++i) moved_[i] += stream.demand[i];
    bytes_read_ += stream.read_bytes;
    bytes_written_ += stream.write_bytes;
    port.payload = &payload;
    port.left = static_cast<double>(stream.pace);
    port.share = 0;
  }
  wake_event_.notify(sc_core::SC_ZERO_TIME);
  return tlm::TLM_ACCEPTED;
}

void OnChipMemory::advance(Ticks to) {
  const double elapsed = static_cast<double>(to - settled_);
  for (Port& port : ports_) {
    if (port.payload != nullptr) port.left -= port.share * elapsed;
  }
  settled_ = to;
}

void OnChipMemory::share() {
  double room[kRegionCount] = {bandwidth_[0], bandwidth_[1]};
  for (const Port& port : ports_) {
    for (int region = 0; region < kRegionCount; ++region) room[region] -= port.reserved[region];
  }
  std::vector<Port*> open;
  for (Port& port : ports_) {
    if (port.payload != nullptr) open.push_back(&port);
  }
  // Raise all shares together until a region is full, settle those that use it, go on with the rest.
  while (!open.empty()) {
    double level = 1.0;
    int full = -1;
    for (int region = 0; region < kRegionCount; ++region) {
      double wanted = 0;
      for (const Port* port : open) wanted += demand_rate(stream_of(*port->payload), region);
      const double fits = wanted > 0 ? std::max(0.0, room[region]) / wanted : 1.0;
      if (fits < level) {
        level = fits;
        full = region;
      }
    }
    std::vector<Port*> rest;
    for (Port* port : open) {
      const Stream& stream = stream_of(*port->payload);
      if (full >= 0 && demand_rate(stream, full) <= 0) {
        rest.push_back(port);
        continue;
      }
      port->share = level;
      for (int region = 0; region < kRegionCount; ++region) room[region] -= level * demand_rate(stream, region);
    }
    open = std::move(rest);
  }
}

void OnChipMemory::schedule() {
  double next = -1;
  for (const Port& port : ports_) {
    if (port.payload == nullptr || port.share <= 0) continue;  // starved: until the DMA lets go
    const double in = std::max(0.0, std::ceil(port.left / port.share - 1e-6));
    if (next < 0 || in < next) next = in;
  }
  wake_event_.cancel();
  if (next >= 0) wake_event_.notify(duration(static_cast<Ticks>(next)));
}

void OnChipMemory::wake() {
  advance(now());
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i].payload == nullptr || ports_[i].left > kNothingLeft) continue;
    tlm::tlm_generic_payload* payload = ports_[i].payload;
    ports_[i].payload = nullptr;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay;
    socket[static_cast<int>(i)]->nb_transport_bw(*payload, phase, delay);
  }
  share();
  schedule();
}

record::UnitTime OnChipMemory::finish(Region region, Ticks end, Cycles latency) {
  const int i = static_cast<int>(region);
  logs_[i].set_busy(static_cast<Ticks>(moved_[i] / bandwidth_[i]));
  return logs_[i].finish(end, latency);
}

}  // namespace lanewise::sim
