// SPDX-License-Identifier: Apache-2.0
#include "sim/onchip_memory.hpp"

#include <algorithm>

namespace lanewise::sim {

OnChipMemory::OnChipMemory(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
  socket.register_b_transport(this, &OnChipMemory::serve);
}

void OnChipMemory::begin(const Pass& pass) {
  const int activations = static_cast<int>(Region::kActivations);
  const int weights = static_cast<int>(Region::kWeights);
  bandwidth_[activations] = pass.engine.activation_bandwidth().count();
  bandwidth_[weights] = pass.engine.weight_bandwidth().count();
  slots_[weights] = bandwidth_[weights];  // only the array reads weights
  slots_[activations] = pass.plan.uses_array ? bandwidth_[activations] / 2.0 : bandwidth_[activations];
  for (int region = 0; region < kRegionCount; ++region) {
    moved_[region] = 0;
    logs_[region].reset(pass.start);
  }
  bytes_read_ = bytes_written_ = 0;
}

void OnChipMemory::serve(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Stream& stream = stream_of(payload);
  if (stream.pace == 0) {  // a DMA transfer through the banks' second port, at the DRAM's rate
    moved_[static_cast<int>(stream.region)] += static_cast<double>(stream.bytes);
    (stream.write ? bytes_read_ : bytes_written_) += static_cast<double>(stream.bytes);
    return;
  }
  Ticks takes = stream.pace;
  for (int region = 0; region < kRegionCount; ++region) {
    const double bytes = stream.read_bytes[region] + (region == 0 ? stream.write_bytes : 0.0);
    moved_[region] += bytes;
    bytes_read_ += stream.read_bytes[region];
    takes = std::max(takes, ticks_up(bytes / slots_[region]));
  }
  bytes_written_ += stream.write_bytes;
  delay += duration(takes);
}

record::UnitTime OnChipMemory::finish(Region region, Ticks end, Cycles latency) {
  const int i = static_cast<int>(region);
  logs_[i].set_busy(ticks_up(moved_[i] / bandwidth_[i]));
  return logs_[i].finish(end, latency);
}

}  // namespace lanewise::sim
