// SPDX-License-Identifier: Apache-2.0
// How a subgraph is mapped to the dot-product array: the channels that the dot products and their lanes take at once.
#pragma once

#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "core/mapping/sparse_work.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/weight_storage.hpp"

namespace lanewise::mapping {

// A group is a set of output channels that the dot products compute at once. A block is the part of the reduction that
// a dot product takes in at once. A stripe is a run of pixels that share the accumulators.
struct ArrayWork {
  std::int64_t groups = 0;                    // in the whole subgraph
  std::int64_t outputs_per_group = 0;         // output channels of a full group, no more than the parallelism factor
  std::int64_t blocks = 0;                    // per pixel and group, over the whole reduction
  double cycles_per_block = 1;                // per pixel or patch: 1 / rate of the precision, for all weight bits
  double block_overhead = 0;                  // cycles of a block beside those of its pixels
  double block_turns = 1;                     // of the lanes a block takes, on average: below 1 where zeros are skipped
  double weight_words = 1;                    // of a block of dense weights, one after the other
  std::int64_t block_channels = 0;            // input channels that a block takes in
  std::int64_t tap_blocks = 0;                // blocks over the elements of the kernel
  std::int64_t run_pixels = 0;                // of a row, at most, that are taken in one run; 0: no runs
  double shortest_run = 0, run_overhead = 0;  // cycles of a run, at least, and beside its pixels
  std::int64_t patch_pixels = 0;              // computed side by side; 0: one pixel after the other
  std::int64_t outputs_at_once = 0;           // output channels of a group; 0: all
  Cycles preparation{0};                      // from an input on chip to its first MAC, on top of engine.input_to_mac
  double weight_load_cycles = 0;   // to load the weights of a block into the shadow registers of a full group
  double cycles_per_kernel = 0;    // the same for one dot product
  std::int64_t stripe_pixels = 0;  // of the longest stripe
  std::int64_t second_stripe = 0;
  std::int64_t credits = 0;      // atoms that the accumulators hold: one pixel of `parallelism_factor` sums each
  std::int64_t atom_cycles = 0;  // of the post-processor per atom, also for a partly filled group
  std::int64_t post_width = 0;   // patches: sums of a pixel that take `post_turn` cycles
  std::int64_t post_turn = 0, post_overhead = 0;
  bool input_follows_output = false;  // an output channel reads only its own share of the input channels
  WeightMode mode = WeightMode::kDense;
  double mac_share = 1;  // of the network's MACs, how many the lanes carry out
  WeightStorage storage;
};

// For subgraphs that use the array. Throws Error naming family and precision where the engine has no rate for it.
ArrayWork array_work(const SubgraphShape& shape, const engine::EngineConfig& engine);

// Whether groups share the dot products and their lanes with each other, as depthwise convolutions do where the engine
// maps them to dense groups (`engine.depthwise`).
bool shares_lanes(const SubgraphShape& shape, const engine::EngineConfig& engine);

// Whether the weights come from DRAM. Where the engine keeps its weights on chip, only activations used as weights do.
bool loads_weights(const SubgraphShape& shape, const engine::EngineConfig& engine);
// The same of a subgraph in its context: not where an earlier stripe of its cascade has loaded them.
bool loads_weights(const Subgraph& subgraph, const engine::EngineConfig& engine);

// Pixels of the next stripe when `left` pixels are still to be computed: the longest stripe while at least two of them
// are left, then all that is left if it fits one, otherwise the second length.
std::int64_t stripe_length(const ArrayWork& work, std::int64_t left);

// Weights of a group of output channels that a block takes, on average over the reduction.
double weights_of_block(const SubgraphShape& shape, const ArrayWork& work);

// Cycles of one block for `pixels` pixels and `outputs` channels of a group. A patch takes the same time however few of
// its pixels are used. Where pixels come in runs, they lie in rows of `columns`; 0: in one row.
double block_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t outputs, std::int64_t columns = 0);

// Cycles of the post-processor for the sums of a stripe: atom by atom or, in patches, all pixels side by side.
std::int64_t drain_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t outputs);

// Cycles of one group for `pixels` pixels, stripe by stripe. A block takes as long as its pixels, but no less than
// loading the weights of the next block.
double group_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t blocks, std::int64_t columns = 0);

// Cycles of the post-processor for `elements` elements of a subgraph that does not use the array: `width` per cycle,
// fewer for special functions. For a host subgraph, the cycles of the host.
double post_cycles(const SubgraphShape& shape, const engine::EngineConfig& engine, std::int64_t elements);

// Engines that stream: from the first word of a subgraph that does not use the array to its first result, on top of the
// latency of the post-processor.
Cycles alone_latency(const SubgraphShape& shape, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
