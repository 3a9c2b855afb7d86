// SPDX-License-Identifier: Apache-2.0
// Subgraphs of shapes that no network needs to have: a range a size, for each family.
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

// Both ends included; drawn from so that each doubling is as likely as the next.
struct SizeRange {
  std::int64_t low = 1, high = 1;
};

// What subgraphs of a family are drawn from. docs/campaigns.md says which of these a family has.
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

// A subgraph of these ranges with padding that keeps maps as large as the stride says, in a context that the engine may
// have (made_subgraph.hpp). nullopt where what was drawn cannot be measured on this engine: draw again.
std::optional<mapping::Subgraph> draw_subgraph(const ShapeRanges& ranges, const engine::EngineConfig& engine,
                                               Random& random);

}  // namespace lanewise::study
