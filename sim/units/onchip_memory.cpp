// SPDX-License-Identifier: Apache-2.0
#include "sim/units/onchip_memory.hpp"

#include <algorithm>

namespace lanewise::sim {

OnChipMemory::OnChipMemory(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
  socket.register_b_transport(this, &OnChipMemory::serve);
}

void OnChipMemory::begin(const Sequence& sequence, std::vector<Counters>& counters_of_jobs, Recording) {
  counters_of_jobs_ = &counters_of_jobs;
  bandwidth_[static_cast<int>(Region::kActivations)] = sequence.engine->activation_bandwidth().count();
  bandwidth_[static_cast<int>(Region::kWeights)] = sequence.engine->weight_bandwidth().count();
}

std::vector<record::UnitTime> OnChipMemory::counted(const Counters& counters, Cycles latency) const {
  const auto time = [&](record::Unit unit, double bytes, Region region) {
    return counted_unit(unit, ticks_up(bytes / bandwidth_[static_cast<int>(region)]), latency);
  };
  return {time(record::Unit::kActivationMemory, counters.activation_moved, Region::kActivations),
          time(record::Unit::kWeightMemory, counters.weight_moved, Region::kWeights)};
}

void OnChipMemory::serve(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  Stream& stream = stream_of(payload);
  Counters& counters = (*counters_of_jobs_)[stream.job];
  double* const moved[kRegionCount] = {&counters.activation_moved, &counters.weight_moved};
  if (stream.pace == 0) {  // a DMA transfer through the banks' second port, at the DRAM's rate
    *moved[static_cast<int>(stream.region)] += static_cast<double>(stream.bytes);
    (stream.write ? counters.sram_read : counters.sram_write) += static_cast<double>(stream.bytes);
    if (stream.region == Region::kWeights) {
      (stream.write ? counters.weight_read : counters.weight_write) += static_cast<double>(stream.bytes);
    }
    return;
  }
  Ticks takes = stream.pace;
  for (int region = 0; region < kRegionCount; ++region) {
    const bool shared = stream.shares_port && region == static_cast<int>(Region::kActivations);
    const double slots = shared ? bandwidth_[region] / 2.0 : bandwidth_[region];
    const double bytes = stream.read_bytes[region] + (region == 0 ? stream.write_bytes : 0.0);
    *moved[region] += bytes;
    counters.sram_read += stream.read_bytes[region];
    // Most streams are not held up, and a division is dear.
    const bool activations = region == static_cast<int>(Region::kActivations);
    if (activations || bytes * kTicksPerCycle > static_cast<double>(takes) * slots) {
      const Ticks banks = ticks_up(bytes / slots);
      if (activations) stream.activations_take = banks;
      takes = std::max(takes, banks);
    }
  }
  counters.weight_read += stream.read_bytes[static_cast<int>(Region::kWeights)];
  counters.sram_write += stream.write_bytes;
  delay += duration(takes);
}

}  // namespace lanewise::sim
