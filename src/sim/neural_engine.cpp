// SPDX-License-Identifier: Apache-2.0
#include "sim/neural_engine.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace lanewise::sim {

NeuralEngine::NeuralEngine(const sc_core::sc_module_name& name)
    : sc_module(name),
      command_("command_processor"),
      load_("load_dma"),
      store_("store_dma"),
      dram_("dram"),
      memory_("onchip_memory"),
      array_("dot_product_array"),
      accumulators_("accumulators"),
      post_("post_processor"),
      issue_load_("issue_load", kLinkDepth),
      issue_array_("issue_array", kLinkDepth),
      issue_post_("issue_post", kLinkDepth),
      input_to_array_("input_to_array", kLinkDepth),
      input_to_post_("input_to_post", kLinkDepth),
      weights_to_array_("weights_to_array", kLinkDepth),
      operand_to_post_("operand_to_post", kLinkDepth),
      output_to_store_("output_to_store", kLinkDepth),
      input_from_array_("input_from_array", kLinkDepth),
      input_from_post_("input_from_post", kLinkDepth),
      weights_from_array_("weights_from_array", kLinkDepth),
      operand_from_post_("operand_from_post", kLinkDepth),
      output_from_store_("output_from_store", kLinkDepth) {
  // Commands: which tiles each unit may take up.
  command_.to_load.bind(issue_load_);
  load_.commands.bind(issue_load_);
  command_.to_array.bind(issue_array_);
  array_.commands.bind(issue_array_);
  command_.to_post.bind(issue_post_);
  post_.commands.bind(issue_post_);

  // Data between DRAM and the on-chip banks.
  for (const auto& channel : load_.channels) {
    channel->dram.bind(dram_.socket);
    channel->memory.bind(memory_.socket);
  }
  for (const auto& channel : store_.channels) {
    channel->dram.bind(dram_.socket);
    channel->memory.bind(memory_.socket);
  }

  // Data between the banks and the computing units, and from the array to the post-processor.
  array_.memory.bind(memory_.socket);
  post_.memory.bind(memory_.socket);
  array_.accumulators.bind(accumulators_);
  post_.accumulators.bind(accumulators_);

  // Buffers: filled one way, freed the other.
  load_.input_ready.bind(input_to_array_);
  array_.input_ready.bind(input_to_array_);
  array_.input_freed.bind(input_from_array_);
  load_.input_freed.bind(input_from_array_);
  load_.input_ready_for_post.bind(input_to_post_);
  post_.input_ready.bind(input_to_post_);
  post_.input_freed.bind(input_from_post_);
  load_.input_freed_by_post.bind(input_from_post_);
  load_.weights_ready.bind(weights_to_array_);
  array_.weights_ready.bind(weights_to_array_);
  array_.weights_freed.bind(weights_from_array_);
  load_.weights_freed.bind(weights_from_array_);
  load_.operand_ready.bind(operand_to_post_);
  post_.operand_ready.bind(operand_to_post_);
  post_.operand_freed.bind(operand_from_post_);
  load_.operand_freed.bind(operand_from_post_);
  post_.output_ready.bind(output_to_store_);
  store_.output_ready.bind(output_to_store_);
  store_.output_freed.bind(output_from_store_);
  post_.output_freed.bind(output_from_store_);
}

void NeuralEngine::check_finished(const Pass& pass) {
  const char* stuck = !command_.done() ? "command_processor"
                      : !load_.done()  ? "load_dma"
                      : !array_.done() ? "dot_product_array"
                      : !post_.done()  ? "post_processor"
                      : !store_.done() ? "store_dma"
                      : !dram_.done()  ? "dram"
                                       : nullptr;
  if (stuck == nullptr) return;
  throw InternalError("simulator: deadlock in subgraph '" + pass.subgraph.name + "' on engine " + pass.engine.name +
                      ": " + stuck + " has work left (" + mapping::subgraph_key(pass.subgraph) + ")");
}

void NeuralEngine::add_energy(const Pass& pass, record::Measurement& m) const {
  const engine::EngineConfig::Energy& e = pass.engine.energy;
  const mapping::PassShape& shape = pass.subgraph.shape;
  const Precision wider =
      bits(shape.input_precision) >= bits(shape.weight_precision) ? shape.input_precision : shape.weight_precision;
  // A partial sum is read, added to and written back.
  const double accumulator_bytes =
      array_.accumulations() * 2.0 * static_cast<double>(pass.engine.accumulators.bits) / 8.0;
  m.energy = Picojoules(
      static_cast<double>(array_.macs()) * e.mac[static_cast<std::size_t>(wider)].count() +
      static_cast<double>(m.sram_read.count()) * pass.engine.sram_read_energy().count() +
      static_cast<double>(m.sram_write.count()) * pass.engine.sram_write_energy().count() +
      accumulator_bytes * e.accumulator.count() + static_cast<double>(m.dram_bytes().count()) * e.dram.count() +
      static_cast<double>(post_.elements()) * e.post_processing.count() +
      pass.engine.leakage_power().count() * pass.engine.seconds(m.latency).count() * 1e9);  // mW x s = 1e9 pJ
}

namespace {

// The unit that is busy longest, if that is most of the time; else what it waited for is latency.
std::string bound_by(const record::Measurement& m) {
  std::string longest = "latency";
  Cycles most = m.latency / 2;
  for (const record::UnitTime& unit : m.units) {
    if (unit.unit == "load_dma" || unit.unit == "store_dma") continue;  // busy because the DRAM is
    if (unit.busy <= most) continue;
    most = unit.busy;
    longest = unit.unit;
  }
  return longest;
}

}  // namespace

record::Measurement NeuralEngine::run(Pass pass) {
  pass.start = now();
  dram_.begin(pass);
  memory_.begin(pass);
  accumulators_.reset();
  load_.begin(pass);
  store_.begin(pass);
  array_.begin(pass);
  post_.begin(pass);
  command_.begin(pass);
  sc_core::sc_start();
  check_finished(pass);

  const Ticks end = std::max(post_.finished_at(), store_.finished_at());
  record::Measurement m;
  m.latency = Cycles((end - pass.start + kTicksPerCycle - 1) / kTicksPerCycle);
  m.macs =
      pass.subgraph.shape.macs();  // useful ones: what tiles compute twice under fused pooling costs time and energy
  m.utilization = static_cast<double>(m.macs) /
                  (static_cast<double>(m.latency.count()) * static_cast<double>(pass.engine.macs_per_cycle()));
  m.dram_read = Bytes(dram_.bytes_read());
  m.dram_write = Bytes(dram_.bytes_written());
  m.sram_read = Bytes(std::llround(memory_.bytes_read()));
  m.sram_write = Bytes(std::llround(memory_.bytes_written()));
  m.peak_sram = pass.plan.peak_sram;
  m.units = {command_.finish(end, m.latency),
             load_.finish(end, m.latency),
             dram_.finish(end, m.latency),
             memory_.finish(Region::kActivations, end, m.latency),
             memory_.finish(Region::kWeights, end, m.latency),
             array_.finish(end, m.latency),
             post_.finish(end, m.latency),
             store_.finish(end, m.latency)};
  m.bound_by = bound_by(m);
  add_energy(pass, m);
  return m;
}

}  // namespace lanewise::sim
