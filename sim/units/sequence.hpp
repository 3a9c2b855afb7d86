// SPDX-License-Identifier: Apache-2.0
// The input of a simulation: the engine and the subgraphs in their order. Units read it and never write it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/mapping/array_work.hpp"
#include "core/mapping/cube_cut.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_plan.hpp"
#include "sim/units/what_if.hpp"

namespace lanewise::sim {

// What the engine runs as one command: a subgraph, or one of the cubes that a subgraph was split into.
struct Job {
  const mapping::TilePlan* plan = nullptr;
  const mapping::Subgraph* subgraph = nullptr;
  const mapping::Cube* cube = nullptr;    // streams
  std::size_t number = 0;                 // of the subgraph, in what was asked for
  std::size_t waits_for = 0;              // jobs, from the first on, that must be done before its input is in DRAM
  std::size_t first_step = 0, steps = 0;  // of the plan
  std::int64_t stores = 0;                // transfers to DRAM
  std::int64_t input_beats = 0, weight_beats = 0;  // streams
  std::vector<mapping::InputPiece> pieces;         // streams that overlap: the array goes on after each
  std::vector<std::size_t> turns;  // tiles: of each transfer of the plan, in the DMA programs of all subgraphs
  std::size_t early_weights = 0;   // tiles: weight transfers that come before the subgraph before it has ended
  mapping::ArrayWork work;         // array subgraphs
  WhatIf what_if;

  const mapping::TileStep& step(std::size_t index) const { return plan->steps[first_step + index]; }
};

struct Sequence {
  const engine::EngineConfig* engine = nullptr;
  std::vector<Job> jobs;
  std::size_t transfers = 0;  // tiles: in the DMA programs of all subgraphs
  Ticks start = 0;            // of the kernel's time
  bool shares_dram = false;   // with other engines (sim/units/shared_dram.hpp)
};

// Joins the DMA programs of the subgraphs into one and decides which weights are prefetched (`dma.prefetch_weights`):
// as many as fit beside all weights of the subgraph before and can be loaded while its last tile is computed, ahead of
// its last store.
void join_programs(Sequence& sequence);

// How much of the units' activity is kept besides sums.
struct Recording {
  bool slices = false;    // several subgraphs share the time, or a timeline is wanted
  bool timeline = false;  // every stripe, and the ports' rates
};

// What the units counted for one subgraph.
struct Counters {
  Ticks enabled = 0;                            // programmed: units may start
  Ticks inputs_loaded = 0, weights_loaded = 0;  // the last of each is on chip
  Ticks first_mac = -1, last_mac = 0;
  Ticks mac_active = 0;
  Moment post_done, store_done;  // the last output has left the post-processor, is in DRAM
  std::int64_t macs = 0;
  double accumulations = 0;  // partial sums written
  double decoded_weights = 0;
  std::int64_t post_elements = 0;
  std::int64_t dram_read = 0, dram_write = 0;     // bytes
  double sram_read = 0, sram_write = 0;           // bytes, of both regions
  double weight_read = 0, weight_write = 0;       // bytes, the weight banks' part of them
  double activation_moved = 0, weight_moved = 0;  // bytes through the banks of each region
  std::int64_t read_beats = 0, write_beats = 0;

  Moment done() const { return latest({&post_done, &store_done}); }
  // Adds `times` times what was counted since `before`.
  void repeat_since(const Counters& before, std::int64_t times);
};

}  // namespace lanewise::sim
