// SPDX-License-Identifier: Apache-2.0
// How many bits the weights of a subgraph take in DRAM and on chip, and what the decoder makes of them.
// docs/engine/sparsity.md derives the formulas.
#pragma once

#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

struct ArrayWork;

struct WeightStorage {
  bool compressed = false;  // false: as many bits as their precision, and no decoder
  bool on_chip = false;     // compressed in the weight banks as well
  double bits = 0;          // of a weight as stored in DRAM, its share of palette and bookkeeping included
  double plain_bits = 0;    // of its precision
  double decoded = 0;  // weights that the decoder gives for one of the network's: fewer where the array skips zeros

  // Bytes of so many weights and biases, which are never compressed.
  std::int64_t stored_bytes(std::int64_t weights, std::int64_t biases, Precision precision) const;
  std::int64_t onchip_bytes(std::int64_t weights, std::int64_t biases, Precision precision) const;
};

// Bits of a weight of this form by the engine's way to store it, the fewest of what its decoder can read; the bits of
// the precision where that is no more. `weights` share one palette.
double coded_bits(const network::WeightForm& form, Precision precision, std::int64_t weights,
                  const engine::EngineConfig::Compression& compression);

// How the subgraph's weights are stored. Compressed where that takes fewer bits and the decoder keeps up: with DRAM as
// it would bring them plain or, with `compression.on_chip`, for every row of pixels anew or with the array's blocks.
// `work` is the array's without the decoder.
WeightStorage weight_storage(const SubgraphShape& shape, const engine::EngineConfig& engine, const ArrayWork& work);

// Weights that are multiplied with activations, biases left out.
std::int64_t kernel_elements(const SubgraphShape& shape);
// All weights and biases of a subgraph, in DRAM and in the weight banks.
Bytes stored_weight_bytes(const SubgraphShape& shape, const engine::EngineConfig& engine);
Bytes onchip_weight_bytes(const SubgraphShape& shape, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
