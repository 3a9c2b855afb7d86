// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/designs.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/mapping/partition.hpp"

namespace lanewise::study {
namespace {

bool is_depth_gene(const std::string& gene) { return gene.rfind("depth_multiplier.", 0) == 0; }
bool is_fusion_gene(const std::string& gene) { return gene.rfind("fuse.", 0) == 0; }

constexpr double kWorst = std::numeric_limits<double>::max();

nas::NetworkFacts facts_of(const nas::Metrics& metrics) {
  return {std::llround(metrics[nas::Metric::kMacs]), std::llround(metrics[nas::Metric::kParameters])};
}

}  // namespace

const Freedom kEverything = {"network_and_engine", [](const std::string&, bool) { return true; }};
const std::vector<Freedom> kParts = {
    {"network", [](const std::string&, bool of_network) { return of_network; }},
    {"engine", [](const std::string&, bool of_network) { return !of_network; }},
};
const std::vector<Freedom> kSubsets = {
    {"depth_multiplier", [](const std::string& gene, bool) { return is_depth_gene(gene); }},
    {"fusion", [](const std::string& gene, bool) { return is_fusion_gene(gene); }},
    {"depth_multiplier_and_fusion",
     [](const std::string& gene, bool) { return is_depth_gene(gene) || is_fusion_gene(gene); }},
};

Designs::Designs(const CodesignJob& job, const ProgramPlace& programs)
    : job_(job),
      space_(job.space, nas::make_network_space(job.space, job.graph ? &*job.graph : nullptr), job.engine, job.family),
      baseline_(std::make_unique<network::Graph>(space_.graph(space_.defaults()))),
      limits_(job.limits) {
  const auto canonical = [this](const std::string& encoding) {
    return space_.network().encode(space_.network().decode(encoding));
  };
  ProgramPlace place = programs;
  if (job.space.blocks != nullptr) place.space = job.space.source;  // else the encodings are of moves on the network
  quality_ = nas::make_accuracy_oracle(job.space.accuracy, {network::macs(*baseline_), network::parameters(*baseline_)},
                                       accuracy_context(job.allow_commands, std::move(place), canonical));
  for (const nas::Limit& limit : limits_of(job.space)) limits_.push_back(limit);
  for (const nas::Limit& limit : limits_) {
    const bool of_space = judged_.size() >= job.limits.size();
    const bool of_oracle = limit.metric == nas::Metric::kParameters || limit.metric == nas::Metric::kMacs;
    if (!of_space || !of_oracle) judged_.push_back(limit);
  }
  if (quality_->measures()) return;
  if (!job.halving.empty()) {
    throw Error("--halving: nobody measures accuracy: the space needs a section 'accuracy' (docs/network_accuracy.md)");
  }
  for (const nas::Metric metric : job.objectives) {
    if (metric == nas::Metric::kAccuracy) {
      throw Error("objective 'accuracy': nobody measures it: the space needs a section 'accuracy' (docs/spaces.md)");
    }
  }
  for (const nas::Limit& limit : limits_) {
    if (limit.metric == nas::Metric::kAccuracy) {
      throw Error(
          fmt::format("limit '{}': nobody measures accuracy: the space needs a section 'accuracy' "
                      "(docs/spaces.md)",
                      limit.text));
    }
  }
}

std::vector<std::string> Designs::engine_genes() const {
  std::vector<std::string> names;
  for (const nas::Gene& gene : space_.engines().genes()) names.push_back(gene.name);
  return names;
}

bool Designs::opens(const Freedom& freedom, std::size_t gene) const {
  const nas::Gene& g = space_.genes()[gene];
  return g.values.size() > 1 && freedom.open(g.name, gene < space_.network_genes());
}

std::size_t Designs::open_genes(const Freedom& freedom) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < space_.genes().size(); ++i) count += opens(freedom, i) ? 1 : 0;
  return count;
}

bool Designs::lies_in(const Freedom& freedom, const nas::Genotype& genotype) const {
  for (std::size_t i = 0; i < genotype.size(); ++i) {
    if (genotype[i] != 0 && !opens(freedom, i)) return false;
  }
  return true;
}

CandidateSpace Designs::candidate_space() const {
  CandidateSpace out;
  std::string text;
  for (const nas::Gene& gene : space_.genes()) {
    text += fmt::format("{}: {}\n", gene.name, fmt::join(gene.values, " "));
    out.values.push_back(static_cast<int>(gene.values.size()));
  }
  out.hash = hex_hash(text);
  return out;
}

nas::Candidate Designs::candidate(const nas::Genotype& genotype) const {
  nas::Candidate out;
  try {
    out.engine = space_.engine(genotype);
    out.graph = std::make_shared<const network::Graph>(space_.graph(genotype, out.engine));
    out.partition = mapping::partition_with_memory(*out.graph, out.engine);
  } catch (const Error& error) {
    out.failure = error.what();
  }
  return out;
}

std::vector<PricedCandidate> Designs::price(const std::vector<nas::Genotype>& genotypes,
                                            nas::DesignPricer& pricer) const {
  const std::vector<nas::PricedDesign> designs = pricer.price(genotypes);
  std::vector<PricedCandidate> out(genotypes.size());
  std::vector<nas::AccuracyQuery> asked;
  std::vector<std::size_t> places;
  std::vector<nas::Candidate> candidates;
  candidates.reserve(genotypes.size());
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    out[i] = {genotypes[i], designs[i].metrics, designs[i].failure};
    if (!quality_->measures() || !job_.halving.empty() || !out[i].failure.empty()) continue;
    candidates.push_back(pricer.network_of(genotypes[i]));
    nas::AccuracyQuery query;
    query.encoding = space_.network().encode(space_.network_part(genotypes[i]));
    query.facts = facts_of(out[i].metrics);
    query.graph = candidates.back().graph.get();
    query.engine = &candidates.back().engine;
    for (std::size_t gene = 0; gene < genotypes[i].size(); ++gene) {
      const nas::Gene& g = space_.genes()[gene];
      query.genes.emplace_back(g.name, g.values[static_cast<std::size_t>(genotypes[i][gene])]);
    }
    asked.push_back(std::move(query));
    places.push_back(i);
  }
  if (asked.empty()) return out;
  const std::vector<nas::AccuracyAnswer> answers = quality_->measure(asked);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    PricedCandidate& candidate = out[places[i]];
    candidate.metrics[nas::Metric::kAccuracy] = answers[i].score;
    if (!answers[i].failure.empty()) candidate = {candidate.genotype, {}, kNoAccuracy + answers[i].failure};
  }
  return out;
}

std::vector<nas::AccuracyAnswer> Designs::accuracies(const std::vector<nas::Genotype>& genotypes) const {
  std::vector<nas::Candidate> candidates;
  candidates.reserve(genotypes.size());
  std::vector<nas::AccuracyQuery> queries;
  for (const nas::Genotype& genotype : genotypes) {
    candidates.push_back(candidate(genotype));
    const nas::Candidate& made = candidates.back();
    if (!made.failure.empty()) throw InternalError("the accuracy of a design is asked for that cannot be");
    nas::AccuracyQuery query;
    query.encoding = space_.network().encode(space_.network_part(genotype));
    query.facts = {network::macs(*made.graph), network::parameters(*made.graph)};
    query.graph = made.graph.get();
    query.engine = &made.engine;
    for (std::size_t gene = 0; gene < genotype.size(); ++gene) {
      const nas::Gene& g = space_.genes()[gene];
      query.genes.emplace_back(g.name, g.values[static_cast<std::size_t>(genotype[gene])]);
    }
    queries.push_back(std::move(query));
  }
  return quality_->measure(queries);
}

nas::DesignProblem Designs::problem(const Freedom& freedom, nas::CostOracle& costs,
                                    const nas::Metrics& baseline) const {
  const auto open = [&](const std::string& name) {
    for (std::size_t i = 0; i < space_.genes().size(); ++i) {
      if (space_.genes()[i].name == name) return opens(freedom, i);
    }
    return false;
  };
  return nas::DesignProblem(space_, costs, *quality_,
                            {job_.objectives, judged_, baseline, SquareMillimetres(0), job_.maximised}, open, [] {});
}

nas::Evaluation Designs::judge(const PricedCandidate& candidate, const nas::Metrics& baseline) const {
  nas::Evaluation evaluation;
  if (!candidate.failure.empty()) {
    evaluation.objectives.assign(job_.objectives.size(), kWorst);
    evaluation.violation = nas::kImpossible;
    return evaluation;
  }
  for (const nas::Metric metric : job_.objectives) {
    const double value = candidate.metrics[metric];
    const bool accuracy = metric == nas::Metric::kAccuracy;
    evaluation.objectives.push_back(accuracy ? quality_->objective(value)
                                             : nas::as_minimised(metric, value, job_.maximised));
  }
  evaluation.violation = nas::total_violation(judged_, candidate.metrics, baseline);
  evaluation.violation += quality_->shortfall(facts_of(candidate.metrics));
  return evaluation;
}

std::vector<LimitMiss> Designs::missed(const nas::Metrics& metrics, const nas::Metrics& baseline,
                                       bool simulated) const {
  std::vector<LimitMiss> out;
  for (const nas::Limit& limit : limits_) {
    if (limit.violation(metrics, baseline) <= 0) continue;
    out.push_back({limit.text, limit.bound_for(baseline), metrics[limit.metric], simulated});
  }
  return out;
}

std::string Designs::genes_text(const nas::Genotype& genotype) const {
  return fmt::format("{}", fmt::join(space_.describe(genotype), "; "));
}

}  // namespace lanewise::study
