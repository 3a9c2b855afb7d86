// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/space_prices.hpp"

#include <fmt/format.h>

#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "study/evaluation/answer.hpp"

namespace lanewise::study {
namespace {

constexpr std::int64_t kDraws = 100;  // for each network that is asked for

bool keeps_to(const network::Graph& graph, const SpacePriceOptions& options) {
  return (options.most_macs == 0 || network::macs(graph) <= options.most_macs) &&
         (options.most_parameters == 0 || network::parameters(graph) <= options.most_parameters);
}

}  // namespace

SpacePrices price_space(const nas::NetworkSpace& space, const engine::EngineConfig& engine, MeasurementSource& source,
                        const SpacePriceOptions& options, const Progress& progress) {
  Random random(stable_hash(fmt::format("prices {}", options.seed)));
  std::set<nas::Genotype> seen;
  std::vector<network::Graph> graphs;
  SpacePrices out;
  for (std::int64_t i = 0; i < kDraws * options.networks; ++i) {
    if (static_cast<std::int64_t>(graphs.size()) == options.networks) break;
    nas::Genotype genotype;
    for (const nas::Gene& gene : space.genes()) genotype.push_back(static_cast<int>(random.below(gene.values.size())));
    genotype = space.canonical(genotype);
    if (!seen.insert(genotype).second) continue;
    network::Graph graph = space.build(genotype, engine);
    if (!keeps_to(graph, options)) continue;
    out.networks.push_back({space.encode(genotype), 0, 0, network::macs(graph), network::parameters(graph)});
    graphs.push_back(std::move(graph));
  }
  std::vector<Question> questions;
  for (const network::Graph& graph : graphs) questions.push_back({&graph, &engine, nullptr});
  const std::vector<Answered> answers = answer(questions, source, progress);
  std::vector<SpacePrice> priced;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i].failure.empty()) {
      if (out.refused++ == 0) out.first_refusal = answers[i].failure;
      continue;
    }
    priced.push_back(std::move(out.networks[i]));
    priced.back().latency_ms = answers[i].answer.total.latency_ms;
    priced.back().energy_uj = answers[i].answer.total.energy_uj;
  }
  if (priced.empty()) {
    throw Error(out.refused > 0 ? out.first_refusal
                                : "no network of the space keeps to the bounds on MACs and parameters");
  }
  out.networks = std::move(priced);
  return out;
}

}  // namespace lanewise::study
