// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/mapping/refusal.hpp"
#include "core/record/engine_values.hpp"
#include "nas/space/move_space.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/answer_metrics.hpp"
#include "study/evaluation/estimate.hpp"

namespace lanewise::study {
namespace {

// Designs are taken through together, so that workers have enough to do, and few enough to stay small.
constexpr std::size_t kAtOnce = 16;
// Of a probe: enough for a mean, few enough to take seconds.
constexpr std::int64_t kProbed = 12;
constexpr int kProbeTries = 400;
constexpr double kMeanAtMost = 2.5, kWorstAtMost = 6;

std::vector<std::string> fused_blocks(const nas::Space& space, const nas::Genotype& genotype) {
  constexpr std::string_view kFuse = "fuse.";
  std::vector<std::string> blocks;
  for (std::size_t i = 0; i < space.network_genes(); ++i) {
    const nas::Gene& gene = space.genes()[i];
    if (genotype[i] != 0 && gene.name.rfind(kFuse, 0) == 0) blocks.push_back(gene.name.substr(kFuse.size()));
  }
  return blocks;
}

std::string row_name(const std::string& hash, const std::string& key) { return hash + " " + key; }

}  // namespace

Proof::Proof(const CodesignJob& job, const Workplace& place, const Designs& designs, CodesignCost& cost,
             const Progress& progress)
    : job_(job),
      designs_(designs),
      cost_(cost),
      progress_(progress),
      simulator_(make_simulator(place.worker_path, place.workers)) {}

Proof::~Proof() = default;

std::int64_t Proof::counted(const nas::Candidate& candidate) {
  std::int64_t fresh = candidate.engine.overlaps_subgraphs() ? 1 : 0;  // the network as a whole
  const std::string hash = engine::engine_hash(candidate.engine);
  for (const mapping::Subgraph& subgraph : candidate.partition.subgraphs) {
    if (simulated_.insert(row_name(hash, mapping::subgraph_key(subgraph))).second) ++fresh;
  }
  return fresh;
}

void Proof::simulate(const std::vector<nas::Genotype>& genotypes, const std::vector<nas::Candidate>& candidates,
                     Predictor& predictor, std::vector<Design>& designs) {
  std::vector<Question> questions;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < genotypes.size(); ++i) {
    if (!candidates[i].failure.empty()) continue;
    questions.push_back({candidates[i].graph.get(), &candidates[i].engine, &candidates[i].partition});
    places.push_back(i);
    cost_.simulations += counted(candidates[i]);
  }
  Progress quiet;
  quiet.stopped = progress_.stopped;
  const std::vector<Answered> answers = answer(questions, *simulator_, quiet);
  for (std::size_t q = 0; q < answers.size(); ++q) {
    Design& design = designs[places[q]];
    const nas::Candidate& candidate = candidates[places[q]];
    design.is_simulated = true;
    design.failure = answers[q].failure;
    if (!answers[q].failure.empty()) continue;
    const NetworkAnswer& answered = answers[q].answer;
    design.simulated = answered.total;
    // Subgraphs may overlap, so that together they take longer than the network: the share is of their sum.
    std::int64_t known = 0, all = 0;
    for (std::size_t i = 0; i < candidate.partition.subgraphs.size(); ++i) {
      const std::string key = mapping::subgraph_key(candidate.partition.subgraphs[i]);
      const std::int64_t cycles = answered.commands.at(i).latency_cycles;
      all += cycles;
      if (predictor.was_trained_on(design.engine_hash, key)) known += cycles;
    }
    if (predictor.knows_rows() && all > 0) {
      design.trained_on_percent = 100.0 * static_cast<double>(known) / static_cast<double>(all);
    }
  }
}

std::vector<Design> Proof::designs(const std::vector<nas::Genotype>& genotypes, std::size_t simulated,
                                   Predictor& predictor, const std::string& what) {
  std::vector<Design> out;
  for (std::size_t first = 0; first < genotypes.size(); first += kAtOnce) {
    progress_(what, static_cast<std::int64_t>(first), static_cast<std::int64_t>(genotypes.size()));
    const std::vector<nas::Genotype> some(
        genotypes.begin() + static_cast<std::ptrdiff_t>(first),
        genotypes.begin() + static_cast<std::ptrdiff_t>(std::min(genotypes.size(), first + kAtOnce)));
    std::vector<nas::Candidate> candidates;
    std::vector<Question> questions;
    for (const nas::Genotype& genotype : some) candidates.push_back(designs_.candidate(genotype));
    for (const nas::Candidate& candidate : candidates) {
      if (!candidate.failure.empty()) throw Error(candidate.failure);
      questions.push_back({candidate.graph.get(), &candidate.engine, &candidate.partition});
    }
    std::vector<Answered> predicted = estimate(questions, predictor.model());
    cost_.estimates += static_cast<std::int64_t>(questions.size());
    std::vector<Design> designs(some.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
      Design& design = designs[i];
      if (!predicted[i].failure.empty()) throw Error(predicted[i].failure);
      const nas::Space& space = designs_.space();
      design.encoding = space.encode(some[i]);
      for (std::size_t g = 0; g < some[i].size(); ++g) {
        const nas::Gene& gene = space.genes()[g];
        if (some[i][g] != 0) design.genes.emplace_back(gene.name, gene.values[static_cast<std::size_t>(some[i][g])]);
      }
      design.fused_blocks = fused_blocks(space, some[i]);
      design.engine_hash = engine::engine_hash(candidates[i].engine);
      design.predicted = predicted[i].answer.total;
      design.reliability = std::move(predicted[i].answer.reliability);
    }
    const std::size_t count = std::min(some.size(), simulated > first ? simulated - first : 0);
    if (count > 0) {
      const auto end = static_cast<std::ptrdiff_t>(count);
      simulate({some.begin(), some.begin() + end}, {candidates.begin(), candidates.begin() + end}, predictor, designs);
    }
    for (Design& design : designs) out.push_back(std::move(design));
  }
  return out;
}

void Proof::require_baseline() const {
  const nas::Candidate candidate = designs_.candidate(designs_.space().defaults());
  std::string failure = candidate.failure;
  for (const mapping::Subgraph& subgraph : candidate.partition.subgraphs) {
    if (!failure.empty()) break;
    failure = mapping::refusal_of(subgraph, candidate.engine);
  }
  if (failure.empty()) return;
  throw Error(fmt::format("{} cannot run on {}: {}", designs_.baseline_network().name(),
                          engine::engine_title(job_.engine), failure));
}

Design Proof::baseline(Predictor& predictor) {
  const nas::Genotype defaults = designs_.space().defaults();
  Design baseline = std::move(designs({defaults}, 1, predictor, "simulating the baseline").front());
  if (!baseline.failure.empty()) throw Error(baseline.failure);
  const network::Graph& graph = job_.graph ? *job_.graph : designs_.baseline_network();
  const Totals given = answer_one(graph, job_.engine, *simulator_).total;
  const Totals& same = baseline.simulated;
  if (same.macs != given.macs || same.parameters != given.parameters || same.latency_cycles != given.latency_cycles) {
    throw InternalError(fmt::format(
        "the unchanged design has {} MACs, {} parameters, {} cycles, the network as given {}, {}, {}", same.macs,
        same.parameters, same.latency_cycles, given.macs, given.parameters, given.latency_cycles));
  }
  return baseline;
}

void Proof::judge(std::vector<Design>& designs, const Design& baseline) const {
  const auto metrics = [](const Totals& totals, const std::optional<double>& accuracy) {
    nas::Metrics out = metrics_of(totals);
    if (accuracy) out[nas::Metric::kAccuracy] = *accuracy;
    return out;
  };
  const nas::Metrics predicted = metrics(baseline.predicted, baseline.accuracy);
  const nas::Metrics simulated = metrics(baseline.simulated, baseline.accuracy);
  for (Design& design : designs) {
    design.missed = designs_.missed(metrics(design.predicted, design.accuracy), predicted, false);
    if (!design.is_simulated || !design.failure.empty()) continue;
    for (LimitMiss& miss : designs_.missed(metrics(design.simulated, design.accuracy), simulated, true)) {
      design.missed.push_back(std::move(miss));
    }
  }
}

Probe Proof::probe(const estimator::Estimator& model) {
  Probe probe;
  probe.mean_at_most = kMeanAtMost;
  probe.worst_at_most = kWorstAtMost;
  Random random(job_.seed);
  const std::vector<nas::Gene>& genes = designs_.space().genes();
  std::vector<nas::Candidate> candidates;
  std::set<nas::Genotype> seen;
  for (int i = 0; i < kProbeTries && static_cast<std::int64_t>(candidates.size()) < kProbed; ++i) {
    progress_("trying the default estimator", static_cast<std::int64_t>(candidates.size()), kProbed);
    nas::Genotype genotype(genes.size(), 0);
    for (std::size_t g = 0; i > 0 && g < genes.size(); ++g)
      genotype[g] = static_cast<int>(random.below(genes[g].values.size()));
    genotype = designs_.space().canonical(genotype);
    if (!seen.insert(genotype).second) continue;
    nas::Candidate candidate = designs_.candidate(genotype);
    const auto refused = [&](const mapping::Subgraph& s) { return !mapping::refusal_of(s, candidate.engine).empty(); };
    if (!candidate.failure.empty() ||
        std::any_of(candidate.partition.subgraphs.begin(), candidate.partition.subgraphs.end(), refused)) {
      continue;
    }
    candidates.push_back(std::move(candidate));
  }
  std::vector<Question> questions;
  for (const nas::Candidate& candidate : candidates) {
    questions.push_back({candidate.graph.get(), &candidate.engine, &candidate.partition});
    cost_.simulations += counted(candidate);
  }
  Progress quiet;
  quiet.stopped = progress_.stopped;
  const std::vector<Answered> predicted = estimate(questions, model);
  const std::vector<Answered> simulated = answer(questions, *simulator_, quiet);
  cost_.estimates += static_cast<std::int64_t>(questions.size());
  double sum = 0;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (!predicted[i].failure.empty() || !simulated[i].failure.empty()) continue;
    Design design;
    design.predicted = predicted[i].answer.total;
    design.simulated = simulated[i].answer.total;
    const double error = std::abs(design.error_percent());
    ++probe.designs;
    sum += error;
    probe.worst_error_percent = std::max(probe.worst_error_percent, error);
  }
  if (probe.designs > 0) probe.mean_error_percent = sum / static_cast<double>(probe.designs);
  probe.accurate =
      probe.designs > 0 && probe.mean_error_percent <= kMeanAtMost && probe.worst_error_percent <= kWorstAtMost;
  return probe;
}

std::vector<record::Row> Proof::rows_of(const nas::Genotype& genotype) {
  const nas::Candidate candidate = designs_.candidate(genotype);
  if (!candidate.failure.empty()) return {};
  std::vector<SubgraphQuery> queries;
  for (const mapping::Subgraph& subgraph : candidate.partition.subgraphs)
    queries.push_back({&subgraph, &candidate.engine});
  const std::vector<const record::SubgraphResult*> results = simulator_->look_up(queries);
  std::vector<record::Row> rows;
  record::Row row;
  row.tool_version = version();
  row.engine_hash = engine::engine_hash(candidate.engine);
  row.engine_values = record::engine_values(candidate.engine);
  row.weight = 0;  // of no network as given
  for (std::size_t i = 0; i < queries.size(); ++i) {
    if (!results[i]->failure.empty()) continue;
    row.subgraph_key = mapping::subgraph_key(candidate.partition.subgraphs[i]);
    row.measurement = results[i]->measurement;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace lanewise::study
