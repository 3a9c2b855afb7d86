// SPDX-License-Identifier: Apache-2.0
// Ranges from which the shapes of synthetic subgraphs are drawn: one range per size, for each family.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/precision.hpp"
#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

// Both ends are included. Sizes are drawn log-uniformly, so that each doubling is equally likely.
struct SizeRange {
  std::int64_t low = 1, high = 1;
};

// The ranges of one family. docs/campaigns.md says which of them a family has.
struct ShapeRanges {
  mapping::SubgraphFamily family = mapping::SubgraphFamily::kConvolution;
  SizeRange in_channels, out_channels;  // of one matrix in kMatMul
  SizeRange height;                     // of the input; rows of the matrix in kFullyConnected and kMatMul
  std::optional<SizeRange> width;       // as the height where not given
  std::vector<std::int64_t> kernel{1};  // rows and columns alike
  std::vector<std::int64_t> stride{1};  // the same
  std::vector<std::int64_t> groups{1};  // kMatMul: matrices at once
  std::vector<Precision> precision{Precision::kInt8};
};

// Draws a synthetic subgraph with "same" padding and a context that the engine may have (synthetic_subgraph.hpp).
// Returns nullopt where what was drawn cannot be measured on this engine; the caller draws again.
std::optional<mapping::Subgraph> draw_subgraph(const ShapeRanges& ranges, const engine::EngineConfig& engine,
                                               Random& random);

}  // namespace lanewise::study
