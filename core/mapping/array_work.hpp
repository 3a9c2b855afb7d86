// SPDX-License-Identifier: Apache-2.0
// How a subgraph lies on the dot-product array: which channels the dot products and their lanes take at once.
#pragma once

#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

// A group is what the dot products compute at once, a block what one dot product takes in at once.
struct ArrayWork {
  std::int64_t groups = 0;              // in the whole subgraph
  std::int64_t outputs_per_group = 0;   // output channels of a full group, at most the parallelism factor
  std::int64_t blocks = 0;              // a pixel and group, over the whole reduction
  double cycles_per_block = 1;          // of a pixel, or a patch: 1 / rate of the precision, all bits of the weights
  std::int64_t block_channels = 0;      // input channels that a block takes in
  std::int64_t tap_blocks = 0;          // blocks over the kernel's elements
  std::int64_t patch_pixels = 0;        // computed side by side; 0: pixels take turns
  std::int64_t outputs_at_once = 0;     // of a group; 0: all
  Cycles preparation{0};                // from an input on chip to the first MAC on it, beside engine.input_to_mac
  std::int64_t weight_load_cycles = 0;  // shadow loading of one block's weights into a full group
  double cycles_per_kernel = 0;         // the same, a dot product's
  std::int64_t stripe_pixels = 0;       // the longest stripe
  std::int64_t second_stripe = 0;
  std::int64_t credits = 0;      // atoms that the accumulators hold; an atom is one pixel of `parallelism_factor` sums
  std::int64_t atom_cycles = 0;  // of the post-processor, for one atom; the same in a partly filled group
  std::int64_t post_width = 0;   // patches: sums of a pixel that the post-processor takes in `post_turn` cycles
  std::int64_t post_turn = 0, post_overhead = 0;
  bool input_follows_output = false;  // an output channel reads only its own share of the input channels
};

// Sizes for array subgraphs. Throws Error naming the subgraph's family and the precision if the engine has no rate for
// it.
ArrayWork array_work(const SubgraphShape& shape, const engine::EngineConfig& engine);

// Whether weights come from DRAM: always, or only those that are activations themselves.
bool loads_weights(const SubgraphShape& shape, const engine::EngineConfig& engine);

// Pixels of the next stripe when `left` are still to be computed: the longest while two of it are left, the rest where
// it fits one, else the second length.
std::int64_t stripe_length(const ArrayWork& work, std::int64_t left);

// Cycles that one block takes for `pixels` and `outputs` of a group: pixel by pixel, or patch by patch, whose pixels
// take as long however few there are.
double block_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t outputs);

// Cycles of the post-processor for a stripe's sums: atom by atom, or, in patches, all pixels side by side.
std::int64_t drain_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t outputs);

// Cycles that `pixels` of one group take, stripe by stripe: a block lasts as long as its pixels, but no shorter than
// loading the next block's weights.
double group_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t blocks);

// Cycles of the post-processor for `elements` of a subgraph off the array: width a cycle, special functions slower. Of
// a host subgraph: cycles of the host.
double post_cycles(const SubgraphShape& shape, const engine::EngineConfig& engine, std::int64_t elements);

// Streams: from the first word of a subgraph off the array to its first result, beside the post-processor's latency.
Cycles alone_latency(const SubgraphShape& shape, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
