// SPDX-License-Identifier: Apache-2.0
#include "sim/units/sequence.hpp"

namespace lanewise::sim {

void Counters::repeat_since(const Counters& before, std::int64_t times) {
  const auto repeat = [&](auto Counters::*count) {
    this->*count += static_cast<std::decay_t<decltype(this->*count)>>(times) * (this->*count - before.*count);
  };
  repeat(&Counters::mac_active);
  repeat(&Counters::macs);
  repeat(&Counters::accumulations);
  repeat(&Counters::decoded_weights);
  repeat(&Counters::post_elements);
  repeat(&Counters::sram_read);
  repeat(&Counters::sram_write);
  repeat(&Counters::weight_read);
  repeat(&Counters::weight_write);
  repeat(&Counters::activation_moved);
  repeat(&Counters::weight_moved);
  repeat(&Counters::write_beats);
}

namespace {

using mapping::TransferKind;

constexpr std::size_t kNoTurn = static_cast<std::size_t>(-1);

// Bytes that DRAM can move while the subgraph's last tile is computed, before its output can be stored.
double slack_bytes(const Job& job, const engine::EngineConfig& engine) {
  const mapping::TileStep& last = job.step(job.steps - 1);
  double cycles = mapping::post_cycles(job.subgraph->shape, engine, last.post_elements);
  if (job.plan->uses_array) {
    cycles = static_cast<double>(last.groups) *
             std::max(mapping::group_cycles(job.work, last.pixels, last.blocks, last.columns),
                      static_cast<double>(last.pixels * job.work.atom_cycles));
  }
  return cycles * engine.dram_bandwidth().count();
}

// Weight transfers at the head of the subgraph's program that have room beside the weights of the subgraph before it.
std::size_t early_weights(const Job& before, const Job& job, const engine::EngineConfig& engine) {
  // Weights on a channel of their own do not wait behind an input that is not there yet.
  if (!engine.dma.prefetch_weights || !engine.overlaps_subgraphs() || engine.dma.load_channels < 2) return 0;
  if (!job.plan->uses_array) return 0;
  const auto largest = [](const Job& of) {
    std::int64_t bytes = 0;
    for (std::size_t step = 0; step < of.steps; ++step) bytes = std::max(bytes, of.step(step).weight_load.bytes);
    return bytes;
  };
  // Weights that stay for a cascade have places of their own, whatever runs before them in the same cascade.
  const mapping::Subgraph &earlier = *before.subgraph, &later = *job.subgraph;
  const bool together = earlier.part.cascade >= 0 && earlier.part.cascade == later.part.cascade;
  if (together && later.context.resident_weight_banks > 0) return static_cast<std::size_t>(job.plan->weight_slots);
  const std::int64_t staying = engine.memory.bank_size.count() * earlier.context.resident_weight_banks;
  const std::int64_t taken = staying > 0 ? staying : before.plan->weight_slots * largest(before);
  const std::int64_t fit = (engine.weight_capacity().count() - taken) / std::max<std::int64_t>(1, largest(job));
  return static_cast<std::size_t>(std::clamp<std::int64_t>(fit, 0, job.plan->weight_slots));
}

}  // namespace

void join_programs(Sequence& sequence) {
  sequence.transfers = 0;
  for (Job& job : sequence.jobs) job.turns.assign(job.plan->dma.size(), kNoTurn);
  for (std::size_t j = 0; j < sequence.jobs.size(); ++j) {
    Job& job = sequence.jobs[j];
    const std::vector<mapping::DmaEntry>& program = job.plan->dma;
    const bool stores = !program.empty() && program.back().kind == TransferKind::kStore;
    const std::size_t last_store = stores ? program.size() - 1 : program.size();
    for (std::size_t i = 0; i <= program.size(); ++i) {
      if (i == last_store && j + 1 < sequence.jobs.size()) {
        Job& next = sequence.jobs[j + 1];
        next.early_weights = early_weights(job, next, *sequence.engine);
        std::size_t early = 0;
        double slack = slack_bytes(job, *sequence.engine);
        for (std::size_t k = 0; k < next.turns.size() && early < next.early_weights; ++k) {
          if (next.plan->dma[k].kind != TransferKind::kWeights) continue;
          slack -= static_cast<double>(next.plan->transfer(next.plan->dma[k]).dram_bytes);
          if (slack < 0) break;
          next.turns[k] = sequence.transfers++;
          ++early;
        }
        next.early_weights = early;
      }
      if (i < program.size() && job.turns[i] == kNoTurn) job.turns[i] = sequence.transfers++;
    }
  }
}

}  // namespace lanewise::sim
