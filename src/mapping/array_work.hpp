// SPDX-License-Identifier: Apache-2.0
// How a pass lies on the dot-product array: which channels the dot products and their lanes take at once.
#pragma once

#include <cstdint>

#include "engine/engine_config.hpp"
#include "mapping/subgraph.hpp"

namespace lanewise::mapping {

// A group is what the dot products compute at once, a block what one dot product takes in at once.
struct ArrayWork {
  std::int64_t groups = 0;              // in the whole pass
  std::int64_t outputs_per_group = 0;   // output channels of a full group, at most the parallelism factor
  std::int64_t blocks = 0;              // a pixel and group, over the whole reduction
  double cycles_per_block = 1;          // 1 / rate of the precision
  std::int64_t weight_load_cycles = 0;  // shadow loading of one block's weights into a full group
  double cycles_per_kernel = 0;         // the same, a dot product's
  std::int64_t stripe_pixels = 0;       // the longest stripe
  std::int64_t second_stripe = 0;
  std::int64_t credits = 0;      // atoms that the accumulators hold; an atom is one pixel of `parallelism_factor` sums
  std::int64_t atom_cycles = 0;  // of the post-processor, for one atom; the same in a partly filled group
  bool input_follows_output = false;    // an output channel reads only its own share of the input channels
};

// Sizes for array passes. Throws Error naming the subgraph's family and the precision if the engine has no rate for it.
ArrayWork array_work(const PassShape& shape, const engine::EngineConfig& engine);

// Pixels of the next stripe when `left` are still to be computed: the longest while two of it are left, the rest where
// it fits one, else the second length.
std::int64_t stripe_length(const ArrayWork& work, std::int64_t left);

// Cycles that `pixels` of one group take, stripe by stripe: a block lasts as long as its pixels, but no shorter than
// loading the next block's weights.
double group_cycles(const ArrayWork& work, std::int64_t pixels, std::int64_t blocks);

// Cycles of the post-processor for `elements` of a pass off the array: width a cycle, special functions slower. Of a
// host pass: cycles of the host.
double post_cycles(const PassShape& shape, const engine::EngineConfig& engine, std::int64_t elements);

// Streams: from the first word of a pass off the array to its first result, beside the post-processor's latency.
Cycles alone_latency(const PassShape& shape, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
