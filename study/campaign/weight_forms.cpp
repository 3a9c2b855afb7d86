// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/weight_forms.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/mapping/array_work.hpp"
#include "study/campaign/synthetic_subgraph.hpp"

namespace lanewise::study {
namespace {

// Rules between keys refuse about two draws of three.
constexpr int kTriesOfKeys = 100;

bool may_have_form(const mapping::SubgraphShape& shape) {
  using F = mapping::SubgraphFamily;
  return shape.family == F::kConvolution || shape.family == F::kGrouped || shape.family == F::kDepthwise ||
         shape.family == F::kFullyConnected;
}

// Structure, else density or neither, and a palette or none, but not nothing at all.
network::WeightForm draw_form(std::int64_t inputs_per_group, const FormOptions& options, Random& random) {
  std::vector<network::WeightForm> structures;
  std::copy_if(options.structures.begin(), options.structures.end(), std::back_inserter(structures),
               [&](const network::WeightForm& one) { return inputs_per_group % one.of == 0; });
  network::WeightForm form;
  if (!structures.empty() && random.chance(0.5)) {
    form = random.pick(structures);
  } else if (!options.densities.empty() && random.chance(0.6)) {
    form.density = network::rounded_density(random.pick(options.densities));
  }
  if (!options.clusters.empty() && (form.plain() || random.chance(0.4))) form.clusters = random.pick(options.clusters);
  return form;
}

std::vector<engine::FamilyRange> ranges_of(const FormOptions& options) {
  std::vector<engine::FamilyRange> ranges = default_form_ranges();
  for (engine::FamilyRange& range : ranges) {
    const auto given = std::find_if(options.ranges.begin(), options.ranges.end(),
                                    [&](const engine::FamilyRange& one) { return one.key == range.key; });
    if (given != options.ranges.end()) range = *given;
  }
  return ranges;
}

}  // namespace

network::WeightForm FormOptions::structure(std::int64_t kept, std::int64_t of) {
  network::WeightForm form;
  form.kept = kept;
  form.of = of;
  form.density = network::rounded_density(static_cast<double>(kept) / static_cast<double>(of));
  return form;
}

const std::vector<engine::FamilyRange>& default_form_ranges() {
  static const std::vector<engine::FamilyRange> ranges = {
      {"sparsity.structured", {"none", "none", "2:4", "2:4", "1:4", "4:8"}, {}},
      {"sparsity.structured_rate", {"0", "0", "0", "1.5"}, {}},
      {"sparsity.structured_overhead_cycles", {"0", "0", "0", "2", "8"}, {}},
      {"sparsity.zero_skipping", {"false", "true"}, {}},
      {"sparsity.window_blocks", {"2", "4", "8", "16"}, {}},
      {"compression.zeros", {"none", "bitmask", "zero_runs", "indices"}, {}},
      {"compression.zero_run_bits", {"3", "4", "5"}, {}},
      {"compression.palette", {"false", "true"}, {}},
      {"compression.largest_palette", {"16", "64", "256"}, {}},
      {"compression.on_chip", {"false", "true"}, {}},
      {"compression.weights_per_cycle", {"4", "16", "64", "256"}, {}},
      {"compression.latency_cycles", {"0", "4", "16"}, {}},
  };
  return ranges;
}

bool knows_forms(const engine::EngineConfig& engine) { return engine.selects_weights() || engine.decodes_weights(); }

void vary_weight_keys(std::vector<SampledEngine>& engines, const FormOptions& options, std::uint64_t seed) {
  if (options.engine_share <= 0) return;
  const std::vector<engine::FamilyRange> ranges = ranges_of(options);
  for (SampledEngine& sampled : engines) {
    if (!sampled.drawn) continue;
    Random random(seed ^ stable_hash("weight keys of " + sampled.hash));
    if (!random.chance(options.engine_share)) continue;
    for (int tries = 0; tries < kTriesOfKeys; ++tries) {
      std::vector<engine::Override> keys;
      for (const engine::FamilyRange& range : ranges) keys.push_back({range.key, random.pick(range.values)});
      try {
        engine::EngineConfig changed = engine::with_overrides(sampled.config, keys);
        if (!knows_forms(changed)) continue;
        sampled.config = std::move(changed);
        sampled.hash = engine::engine_hash(sampled.config);
        break;
      } catch (const Error&) {
        continue;
      }
    }
  }
}

std::optional<mapping::Subgraph> with_drawn_form(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                                                 const FormOptions& options, Random& random) {
  if (!may_have_form(subgraph.shape)) return std::nullopt;
  mapping::Subgraph formed = subgraph;
  formed.shape.weight_form = draw_form(subgraph.shape.in_channels / subgraph.shape.groups, options, random);
  if (formed.shape.weight_form.plain() || !is_worth_measuring(formed, engine)) return std::nullopt;
  const mapping::ArrayWork work = mapping::array_work(formed.shape, engine);
  if (work.mode == mapping::WeightMode::kDense && !work.storage.compressed) return std::nullopt;
  return formed;
}

}  // namespace lanewise::study
