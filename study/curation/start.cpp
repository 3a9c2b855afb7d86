// SPDX-License-Identifier: Apache-2.0
#include "study/curation/start.hpp"

#include <algorithm>
#include <tuple>

#include "core/base/error.hpp"
#include "core/network/graph.hpp"

namespace lanewise::study {
namespace {

bool below(const Choice& choice, const Choice& raw) {
  return choice.size.macs < raw.size.macs || choice.size.parameters < raw.size.parameters;
}

// The smallest is nearest to the raw value: first those above, from the least; then those below, from the most.
auto distance(const Choice& choice, const Choice& raw) {
  const bool is_below = below(choice, raw);
  const std::int64_t sign = is_below ? -1 : 1;
  return std::make_tuple(is_below, sign * choice.size.macs, sign * choice.size.parameters, choice.size.cycles);
}

int in_place_of_raw(const GeneChoices& genes) {
  const Choice& raw = genes.choices.front();
  if (raw.kept) return 0;
  const auto at = [&](int value) -> const Choice& { return genes.choices[static_cast<std::size_t>(value)]; };
  if (raw.dominator >= 0 && !raw.traded && at(raw.dominator).kept && !below(at(raw.dominator), raw)) {
    return raw.dominator;
  }
  int best = -1;
  for (int v = 0; v < static_cast<int>(genes.choices.size()); ++v) {
    if (at(v).kept && (best < 0 || distance(at(v), raw) < distance(at(best), raw))) best = v;
  }
  return best;
}

// The kept value of the least capacity above that of the value; -1 where there is none.
int next_larger(const GeneChoices& genes, int value) {
  const auto at = [&](int v) -> const LocalSize& { return genes.choices[static_cast<std::size_t>(v)].size; };
  const auto capacity = [&](int v) { return std::make_tuple(at(v).macs, at(v).parameters, at(v).cycles); };
  int best = -1;
  for (int v = 0; v < static_cast<int>(genes.choices.size()); ++v) {
    const bool more = at(v).macs >= at(value).macs && at(v).parameters >= at(value).parameters &&
                      (at(v).macs > at(value).macs || at(v).parameters > at(value).parameters);
    if (!genes.choices[static_cast<std::size_t>(v)].kept || !more) continue;
    if (best < 0 || capacity(v) < capacity(best)) best = v;
  }
  return best;
}

bool keeps_bounds(const nas::Space& space, const engine::EngineConfig& engine, const nas::Genotype& genotype,
                  std::int64_t macs, std::int64_t parameters) {
  try {
    const network::Graph graph = space.graph(genotype, engine);
    return network::macs(graph) >= macs && network::parameters(graph) >= parameters;
  } catch (const Error&) {
    return false;  // what cannot be built keeps nothing
  }
}

// The genotype with more capacity, gene by gene, until it keeps the bounds; itself where it never does.
nas::Genotype enlarged(const nas::Space& space, const engine::EngineConfig& engine, std::int64_t macs,
                       std::int64_t parameters, const CurationOptions& options, const Curation& curation,
                       const nas::Genotype& from) {
  nas::Genotype at = from;
  for (bool any = true; any && !keeps_bounds(space, engine, at, macs, parameters);) {
    any = false;
    for (std::size_t g = 0; g < at.size(); ++g) {
      const GeneChoices& genes = curation.genes[g];
      const auto& fixed = options.keep_default;
      if (!genes.left_as_it_is.empty() || std::find(fixed.begin(), fixed.end(), genes.gene) != fixed.end()) continue;
      const int next = next_larger(genes, at[g]);
      if (next < 0) continue;
      at[g] = next;
      any = true;
      if (keeps_bounds(space, engine, at, macs, parameters)) return at;
    }
  }
  return keeps_bounds(space, engine, at, macs, parameters) ? at : from;
}

}  // namespace

void choose_start(const nas::Space& space, const engine::EngineConfig& engine, std::int64_t macs,
                  std::int64_t parameters, bool traded, const CurationOptions& options, Curation& curation) {
  nas::Genotype raw, best;
  for (const GeneChoices& genes : curation.genes) {
    raw.push_back(in_place_of_raw(genes));
    best.push_back(traded ? genes.default_value : raw.back());
  }
  raw = enlarged(space, engine, macs, parameters, options, curation, raw);
  if (!traded) best = raw;
  for (std::size_t g = 0; g < raw.size(); ++g) {
    GeneChoices& genes = curation.genes[g];
    genes.raw_value = raw[g];
    genes.best_value = best[g];
    genes.default_value = options.start == CurationStart::kBest ? best[g] : raw[g];
  }
  curation.raw_start = space.encode(space.canonical(raw));
  curation.best_start = space.encode(space.canonical(best));
}

}  // namespace lanewise::study
