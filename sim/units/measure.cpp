// SPDX-License-Identifier: Apache-2.0
#include "sim/units/measure.hpp"

#include <cmath>

namespace lanewise::sim {
namespace {

// Action counts times the engine's table.
Picojoules energy(const engine::EngineConfig& engine, const Job& job, const Counters& counters,
                  const record::Measurement& m) {
  const engine::EngineConfig::Energy& e = engine.energy;
  const mapping::SubgraphShape& shape = job.subgraph->shape;
  const Precision wider =
      bits(shape.input_precision) >= bits(shape.weight_precision) ? shape.input_precision : shape.weight_precision;
  // A partial sum is read, added to and written back.
  const double accumulator_bytes = counters.accumulations * 2.0 * static_cast<double>(engine.accumulators.bits) / 8.0;
  return Picojoules(static_cast<double>(counters.macs) * e.mac[static_cast<std::size_t>(wider)].count() +
                    static_cast<double>(m.sram_read.count()) * engine.sram_read_energy().count() +
                    static_cast<double>(m.sram_write.count()) * engine.sram_write_energy().count() +
                    accumulator_bytes * e.accumulator.count() +
                    static_cast<double>(m.dram_bytes().count()) * e.dram.count() +
                    static_cast<double>(counters.post_elements) * e.post_processing.count() +
                    engine.leakage_power().count() * engine.seconds(m.latency).count() * 1e9);  // mW x s = 1e9 pJ
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
  m.energy = energy(*sequence.engine, job, counters, m);
  const Moment done = counters.done();
  const double takes = static_cast<double>(done.at - before.at);
  for (const engine::ResourceName& name : engine::resource_names()) {
    const double would_take = done.with(name.resource) - before.with(name.resource);
    m.gains[name.resource] = std::max(0.0, takes - would_take) / kTicksPerCycle;
  }
  return m;
}

}  // namespace lanewise::sim
