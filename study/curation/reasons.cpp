// SPDX-License-Identifier: Apache-2.0
#include "study/curation/reasons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"

namespace lanewise::study {
namespace {

constexpr double kAlike = 0.0005;  // relative differences below are not worth a number

double change(std::int64_t from, std::int64_t to) {
  return from == 0 ? 0 : static_cast<double>(to) / static_cast<double>(from) - 1;
}

std::string percent(double share) {
  const double shown = 100 * std::fabs(share);
  return shown >= 10 ? fmt::format("{:.0f} %", shown) : fmt::format("{:.1f} %", shown);
}

std::string cost_words(const LocalSize& from, const LocalSize& to) {
  if (from.cycles == 0) return to.cycles == 0 ? "costs nothing more" : fmt::format("costs {} cycles", to.cycles);
  const double rise = change(from.cycles, to.cycles);
  if (std::fabs(rise) < kAlike) return "costs as much";
  return fmt::format("costs {} {}", percent(rise), rise > 0 ? "more" : "less");
}

std::string capacity_words(const LocalSize& from, const LocalSize& to) {
  std::vector<std::string> words;
  const auto add = [&](const char* what, std::int64_t before, std::int64_t after) {
    if (before == after) return;
    if (before == 0) {
      words.push_back(fmt::format("{} {}", after, what));
    } else if (std::fabs(change(before, after)) >= kAlike) {
      words.push_back(fmt::format("{} {} {}", percent(change(before, after)), after > before ? "more" : "fewer", what));
    }
  };
  add("MACs", from.macs, to.macs);
  add("parameters", from.parameters, to.parameters);
  if (words.empty()) return "as many MACs and parameters";
  return fmt::format("{}", fmt::join(words, " and "));
}

std::int64_t groups_of(std::int64_t channels, std::int64_t width) { return (channels + width - 1) / width; }

// The first layer whose channels differ between two designs and take as many rounds of the array in both.
std::string fill_words(const nas::Space& space, const engine::EngineConfig& engine, const nas::Genotype& first,
                       const nas::Genotype& second) {
  const auto layers_of = [&](const nas::Genotype& genotype) {
    std::map<std::string, mapping::SubgraphShape> layers;
    for (const mapping::Subgraph& subgraph : mapping::partition(space.graph(genotype, engine), engine)) {
      if (subgraph.shape.family == mapping::SubgraphFamily::kConvolution) layers[subgraph.name] = subgraph.shape;
    }
    return layers;
  };
  const auto one = layers_of(first), two = layers_of(second);
  for (const auto& [name, a] : one) {
    const auto found = two.find(name);
    if (found == two.end()) continue;
    const mapping::SubgraphShape& b = found->second;
    const auto alike = [&](std::int64_t x, std::int64_t y, std::int64_t width) {
      return x != y && width > 1 && groups_of(x, width) == groups_of(y, width);
    };
    const std::int64_t products = engine.array.parallelism_factor, lanes = engine.array.dot_product_lanes;
    if (alike(a.out_channels, b.out_channels, products)) {
      return fmt::format("the {} and {} outputs of {} both take {} group{} of {} dot products", a.out_channels,
                         b.out_channels, name, groups_of(a.out_channels, products),
                         groups_of(a.out_channels, products) == 1 ? "" : "s", products);
    }
    if (alike(a.in_channels, b.in_channels, lanes)) {
      return fmt::format("the {} and {} inputs of {} both take {} block{} of {} lanes", a.in_channels, b.in_channels,
                         name, groups_of(a.in_channels, lanes), groups_of(a.in_channels, lanes) == 1 ? "" : "s", lanes);
    }
  }
  return "";
}

// The kept value of the least capacity above this one's.
int next_larger(const GeneChoices& gene, std::size_t value, const ValueSizes& sizes) {
  int best = -1;
  for (std::size_t other = 0; other < gene.choices.size(); ++other) {
    if (other == value || !gene.choices[other].kept || !sizes[other]) continue;
    const LocalSize &mine = *sizes[value], &its = *sizes[other];
    if (its.macs < mine.macs || its.parameters < mine.parameters || its.equals(mine)) continue;
    if (best < 0 || its.macs < sizes[static_cast<std::size_t>(best)]->macs) best = static_cast<int>(other);
  }
  return best;
}

std::string why_kept(const std::vector<ValueSeries>& series, const GeneChoices& gene, std::size_t value) {
  const Choice& choice = gene.choices[value];
  for (const ValueSeries& context : series) {
    const ValueSizes sizes = context.sizes();
    if (!sizes[value]) continue;
    const int next = next_larger(gene, value, sizes);
    if (next < 0) return "nothing has more capacity at this cost";
    const auto at = static_cast<std::size_t>(next);
    std::string words = fmt::format("{} {} for {}", gene.choices[at].value, cost_words(*sizes[value], *sizes[at]),
                                    capacity_words(*sizes[value], *sizes[at]));
    if (choice.favourable < choice.contexts) {
      words += fmt::format("; favourable in {} of {} contexts", choice.favourable, choice.contexts);
    }
    return words;
  }
  return "as it is";
}

std::string why_it_goes(const nas::Space& space, CuratedCosts& costs, const std::vector<ValueSeries>& series,
                        const GeneChoices& gene, std::size_t value) {
  const Choice& choice = gene.choices[value];
  if (choice.out_of_reach) {
    if (std::isinf(choice.regret)) return "no design with it was met that keeps the bounds on capacity";
    return fmt::format("the best design with it takes {} longer than the best one", percent(choice.regret));
  }
  if (choice.traded) {
    return fmt::format("costs {} of the latency more than {} once other genes give or take the capacity between them",
                       percent(choice.regret), gene.choices[static_cast<std::size_t>(choice.dominator)].value);
  }
  if (choice.dominator < 0) {
    for (const ValueSeries& context : series) {
      const PricedNetwork* const network = context.network(value);
      if (network != nullptr && !network->failure.empty()) return "cannot run: " + network->failure;
    }
    return "cannot run";
  }
  const auto by = static_cast<std::size_t>(choice.dominator);
  for (const ValueSeries& context : series) {
    const ValueSizes sizes = context.sizes();
    if (!sizes[value] || !sizes[by]) continue;
    if (sizes[value]->equals(*sizes[by])) return fmt::format("the same work as {}", gene.choices[by].value);
    std::string words = fmt::format("{} {} for {}", gene.choices[by].value, cost_words(*sizes[value], *sizes[by]),
                                    capacity_words(*sizes[value], *sizes[by]));
    const std::string fill = fill_words(space, costs.engine(), context.with(value), context.with(by));
    if (!fill.empty()) words += "; " + fill;
    if (!context.asked(value)) words += "; not priced itself: cost is level around it";
    if (choice.favourable > 0) {
      words += fmt::format("; favourable in {} of {} contexts", choice.favourable, choice.contexts);
    }
    return words;
  }
  return fmt::format("{} runs where this does not", gene.choices[by].value);
}

}  // namespace

std::string reason(const nas::Space& space, CuratedCosts& costs, const std::vector<ValueSeries>& series,
                   const GeneChoices& gene, std::size_t value) {
  return gene.choices[value].kept ? why_kept(series, gene, value) : why_it_goes(space, costs, series, gene, value);
}

}  // namespace lanewise::study
