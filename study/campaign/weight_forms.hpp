// SPDX-License-Identifier: Apache-2.0
// Pruned and clustered weights in a campaign: engines that make something of them, and subgraphs that have them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/random.hpp"
#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/network/weight_form.hpp"
#include "study/campaign/engine_sampling.hpp"

namespace lanewise::study {

struct FormOptions {
  double engine_share = 0;                  // of the engines that are drawn, those that get keys from `ranges`
  double row_share = 0;                     // of the rows of each engine that makes something of forms
  std::vector<engine::FamilyRange> ranges;  // instead of those of default_form_ranges() for the same keys
  // What forms are drawn from: structures N:M, shares of weights that are not zero, sizes of palettes.
  std::vector<network::WeightForm> structures = {structure(2, 4), structure(1, 4), structure(4, 8)};
  std::vector<double> densities = {0.1, 0.2, 0.35, 0.5, 0.7};
  std::vector<std::int64_t> clusters = {4, 16, 64, 256};

  static network::WeightForm structure(std::int64_t kept, std::int64_t of);
};

// Values of all keys sparsity.* and compression.*. Those of most engines are there more often.
const std::vector<engine::FamilyRange>& default_form_ranges();

// Whether the engine skips or decodes any weights.
bool knows_forms(const engine::EngineConfig& engine);

// Gives the share of the drawn engines keys such that they know forms; the shipped ones stay as they are. Which, and
// what they get, depends on the engine and `seed` alone. Values that no engine may have together are drawn again.
void vary_weight_keys(std::vector<SampledEngine>& engines, const FormOptions& options, std::uint64_t seed);

// The subgraph with weights of a drawn form. Returns nullopt where it has no weights that may have one, where the
// engine runs and stores them as if they had none (the row would tell nothing), or where the subgraph cannot be
// measured.
std::optional<mapping::Subgraph> with_drawn_form(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                                                 const FormOptions& options, Random& random);

}  // namespace lanewise::study
