// SPDX-License-Identifier: Apache-2.0
// What the array makes of zeros among its weights: N:M structured ones it takes N at a time, others it may skip.
// docs/engine/sparsity.md derives the formulas.
#pragma once

#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::mapping {

struct ArrayWork;

// How the array runs the weights of a subgraph.
enum class WeightMode {
  kDense,       // zeros are multiplied like other weights
  kStructured,  // N of each M (`sparsity.structured`)
  kSkipping,    // zeros are skipped wherever they lie (`sparsity.zero_skipping`)
};
const char* to_string(WeightMode mode);  // "dense", "structured", "zero_skipping"

// Whether weights of this form have at most `structure.kept` of any `structure.of` neighbours that are not zero,
// whatever their own structure: 1:4 and 2:8 in some, but not all, that 2:4 takes. False for either without one.
bool satisfies(const network::WeightForm& form, engine::Structure structure);

// The turns of the lanes that a window of `blocks` blocks takes, from 1 to `blocks`. Each of `rows` dot products has
// blocks x lanes weights, each of which is not zero with probability `density` whatever the others are; a turn takes up
// to `lanes` of them, and the window goes on once the last dot product is done. The expected maximum, exactly:
// 1 + sum over k = 1 ... blocks - 1 of 1 - P(Binomial(blocks x lanes, density) <= k x lanes)^rows.
double expected_turns(std::int64_t blocks, std::int64_t lanes, std::int64_t rows, double density);

// Changes the work of dense weights to that of the subgraph's own where that takes fewer cycles. Only where dot
// products take their lanes' channels from one group: depthwise and other small groups run as dense.
void skip_zeros(const SubgraphShape& shape, const engine::EngineConfig& engine, ArrayWork& work);

}  // namespace lanewise::mapping
