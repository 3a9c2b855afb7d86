// SPDX-License-Identifier: Apache-2.0
#include "sim/units/measure.hpp"

#include <cmath>

namespace lanewise::sim {
namespace {

// Action counts times the engine's table.
record::EnergyBreakdown energy(const engine::EngineConfig& engine, const Job& job, const Counters& counters,
                               const record::Measurement& m) {
  using Term = record::EnergyTerm;
  const engine::EngineConfig::Energy& e = engine.energy;
  const mapping::SubgraphShape& shape = job.subgraph->shape;
  const Precision wider =
      bits(shape.input_precision) >= bits(shape.weight_precision) ? shape.input_precision : shape.weight_precision;
  const double at_rest = engine.seconds(m.latency).count() * 1e9;  // mW x s = 1e9 pJ
  // A partial sum is read, added to and written back.
  const double accumulator_bytes = counters.accumulations * 2.0 * static_cast<double>(engine.accumulators.bits) / 8.0;
  const auto bytes = [](PicojoulesPerByte each, double count) { return Picojoules(each.count() * count); };
  record::EnergyBreakdown parts;
  const double macs = static_cast<double>(counters.macs) * job.work.mac_share;
  parts[Term::kMacs] = e.mac[static_cast<std::size_t>(wider)] * macs;
  if (job.work.mode != mapping::WeightMode::kDense) parts[Term::kWeightSelect] = e.weight_select * macs;
  parts[Term::kWeightDecode] = e.weight_decode * counters.decoded_weights;
  parts[Term::kActivationReads] = bytes(engine.sram_read_energy(), counters.sram_read - counters.weight_read);
  parts[Term::kActivationWrites] = bytes(engine.sram_write_energy(), counters.sram_write - counters.weight_write);
  parts[Term::kWeightReads] = bytes(engine.sram_read_energy(), counters.weight_read);
  parts[Term::kWeightWrites] = bytes(engine.sram_write_energy(), counters.weight_write);
  parts[Term::kAccumulators] = bytes(e.accumulator, accumulator_bytes);
  parts[Term::kPostProcessing] = e.post_processing * static_cast<double>(counters.post_elements);
  parts[Term::kDram] = bytes(e.dram, as_double(m.dram_bytes()));
  parts[Term::kDramInterface] = Picojoules(engine.dram_interface_power().count() * at_rest);
  parts[Term::kLeakage] = Picojoules(engine.leakage_power().count() * at_rest);
  return parts;
}

}  // namespace

record::Measurement measurement_of(const Sequence& sequence, const Job& job, const Counters& counters,
                                   const Moment& before) {
  const auto cycles_at = [&](Ticks at) {
    return Cycles((std::max<Ticks>(0, at - sequence.start) + kTicksPerCycle - 1) / kTicksPerCycle);
  };
  record::Measurement m;
  m.latency = cycles_at(counters.done()) - cycles_at(before);
  // Useful ones: what tiles compute twice under fused pooling costs time and energy.
  m.macs = job.subgraph->shape.macs();
  if (m.latency.count() > 0) {
    m.utilization = static_cast<double>(m.macs) /
                    (static_cast<double>(m.latency.count()) * static_cast<double>(sequence.engine->macs_per_cycle()));
  }
  m.dram_read = Bytes(counters.dram_read);
  m.dram_write = Bytes(counters.dram_write);
  m.sram_read = Bytes(std::llround(counters.sram_read));
  m.sram_write = Bytes(std::llround(counters.sram_write));
  m.peak_sram = job.plan->peak_sram;
  m.timestamps.load_enabled = cycles_at(counters.enabled);
  m.timestamps.inputs_loaded = cycles_at(counters.inputs_loaded);
  m.timestamps.weights_loaded = cycles_at(counters.weights_loaded);
  if (counters.first_mac >= 0) {
    m.timestamps.first_mac = cycles_at(counters.first_mac);
    m.timestamps.last_mac = cycles_at(counters.last_mac);
  }
  m.timestamps.mac_active = Cycles((counters.mac_active + kTicksPerCycle - 1) / kTicksPerCycle);
  m.timestamps.done = cycles_at(counters.done());
  m.timestamps.read_beats = counters.read_beats;
  m.timestamps.write_beats = counters.write_beats;
  m.energy_parts = energy(*sequence.engine, job, counters, m);
  m.energy = m.energy_parts.total();
  const Moment done = counters.done();
  const double takes = static_cast<double>(done.at - before.at);
  for (const engine::ResourceName& name : engine::resource_names()) {
    const double would_take = done.with(name.resource) - before.with(name.resource);
    m.gains[name.resource] = std::max(0.0, takes - would_take) / kTicksPerCycle;
  }
  return m;
}

}  // namespace lanewise::sim
