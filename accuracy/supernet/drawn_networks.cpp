// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/drawn_networks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.hpp"

namespace lanewise::accuracy {

DrawnNetworks::DrawnNetworks(const SupernetSpace& space, const SupernetRecipe& recipe, std::uint64_t seed)
    : space_(space), recipe_(recipe), seed_(seed) {
  step(recipe.steps - 1);
}

bool DrawnNetworks::fits(const nas::Genotype& genotype) const {
  if (recipe_.most_macs == 0 && recipe_.most_parameters == 0) return true;
  const network::Graph graph = space_.graph(genotype);
  return (recipe_.most_macs == 0 || network::macs(graph) <= recipe_.most_macs) &&
         (recipe_.most_parameters == 0 || network::parameters(graph) <= recipe_.most_parameters);
}

bool DrawnNetworks::shrinks(std::size_t gene, std::int64_t t) const {
  const auto begun = [&](double share) { return static_cast<double>(t) >= share * static_cast<double>(recipe_.steps); };
  switch (space_.roles()[gene]) {
    case GeneRole::kChoice:
      return false;
    case GeneRole::kDepth:
      return begun(recipe_.shrink_depth);
    case GeneRole::kExpansion:
      return begun(recipe_.shrink_expansion);
    case GeneRole::kKernel:
      return begun(recipe_.shrink_kernel);
    case GeneRole::kWidth:
      return begun(recipe_.shrink_width);
  }
  throw InternalError("a gene of no role");
}

// Choices at random, sizes at their largest.
nas::Genotype DrawnNetworks::choices(Random& random) const {
  nas::Genotype out(space_.genes().size(), 0);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::vector<int>& sizes = space_.ascending(i);
    out[i] = sizes.empty() ? static_cast<int>(random.below(space_.genes()[i].values.size())) : sizes.back();
  }
  return out;
}

// Makes one size that matters one value smaller; false where all are at their smallest.
bool DrawnNetworks::lower(nas::Genotype& genotype, std::int64_t t, Random& random) const {
  std::vector<std::size_t> open;
  const nas::Genotype canonical = space_.canonical(genotype);
  for (std::size_t i = 0; i < genotype.size(); ++i) {
    const std::vector<int>& sizes = space_.ascending(i);
    // A value that the canonical form has as well is one that the network may depend on.
    if (!sizes.empty() && genotype[i] != sizes.front() && shrinks(i, t) && canonical[i] == genotype[i]) {
      open.push_back(i);
    }
  }
  if (open.empty()) return false;
  const std::size_t gene = random.pick(open);
  const std::vector<int>& sizes = space_.ascending(gene);
  genotype[gene] = *(std::find(sizes.begin(), sizes.end(), genotype[gene]) - 1);
  return true;
}

nas::Genotype DrawnNetworks::fitted(nas::Genotype genotype, std::int64_t t, Random& random) const {
  while (!fits(genotype)) {
    // A bound goes before a phase: what must be smaller to fit may be.
    if (lower(genotype, t, random) || lower(genotype, recipe_.steps, random)) continue;
    throw Error(
        fmt::format("space '{}': its network '{}' is as small as its choices let it, and beyond the recipe's "
                    "most_macs or most_parameters",
                    space_.name(), space_.encode(genotype)));
  }
  return space_.canonical(genotype);
}

nas::Genotype DrawnNetworks::drawn(std::int64_t t, Random& random) const {
  nas::Genotype out;
  for (int i = 0; i < kTries; ++i) {
    out = choices(random);
    for (std::size_t gene = 0; gene < out.size(); ++gene) {
      if (shrinks(gene, t)) out[gene] = random.pick(space_.ascending(gene));
    }
    if (fits(out)) break;
  }
  return fitted(out, t, random);
}

StepNetworks DrawnNetworks::step(std::int64_t t) const {
  Random random(stable_hash(fmt::format("networks {} {}", seed_, t)));
  StepNetworks out;
  // Spread evenly: after every step the number of steps with ends is the share of all, rounded down.
  const auto with_ends = [&](std::int64_t steps) {
    return static_cast<std::int64_t>(recipe_.sandwich * static_cast<double>(steps) + 1e-9);
  };
  out.has_ends = with_ends(t + 1) > with_ends(t);
  if (out.has_ends) {
    const nas::Genotype largest = choices(random);
    nas::Genotype smallest = largest;
    for (std::size_t i = 0; i < smallest.size(); ++i) {
      if (shrinks(i, t)) smallest[i] = space_.ascending(i).front();
    }
    out.genotypes = {fitted(largest, t, random), fitted(smallest, t, random)};
  }
  for (std::int64_t i = 0; i < recipe_.random; ++i) out.genotypes.push_back(drawn(t, random));
  if (out.genotypes.empty()) out.genotypes.push_back(drawn(t, random));
  return out;
}

}  // namespace lanewise::accuracy
