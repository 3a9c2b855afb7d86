// SPDX-License-Identifier: Apache-2.0
#include "study/codesign/workload_designs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/base/error.hpp"
#include "nas/space/space.hpp"

namespace lanewise::study {
namespace {

constexpr double kImpossible = 1e6;  // the violation of a design that cannot be, or whose backlog has no end
constexpr double kWorst = std::numeric_limits<double>::max();

nas::NetworkFacts facts_of(const network::Graph& graph) { return {network::macs(graph), network::parameters(graph)}; }

}  // namespace

WorkloadDesigns::WorkloadDesigns(const WorkloadJob& job) : job_(job) {
  if (job.space.blocks) {
    throw Error(fmt::format("space {}: has networks of its own; a workload's search makes moves on the workload's",
                            job.space.name));
  }
  if (!job.space.numbers.empty()) {
    throw Error(fmt::format("space {}: has forms and precisions of layers, which the file of a workload cannot say",
                            job.space.name));
  }
  const auto add = [&](const std::string& prefix, const std::vector<nas::Gene>& genes) {
    begins_.push_back(genes_.size());
    for (nas::Gene gene : genes) {
      gene.name = prefix + gene.name;
      genes_.push_back(std::move(gene));
    }
  };
  for (std::size_t n = 0; n < job.graphs.size(); ++n) {
    const std::string& name = job.workload.networks[n].name;
    networks_.push_back(nas::make_network_space(job.space, &job.graphs[n]));
    add(name + ":", networks_.back()->genes());
    for (const nas::LeftOut& left : networks_.back()->left_out()) {
      left_out_.push_back(name + ":" + left.gene + ": " + left.reason);
    }
    capacity_.push_back(nas::make_accuracy_oracle(job.space.accuracy, facts_of(job.graphs[n])));
    if (capacity_.back()->measures()) {
      throw Error(
          fmt::format("space {}: asks for accuracy, which a workload's search does not measure", job.space.name));
    }
  }
  double area = 0;
  for (std::size_t e = 0; e < job.engines.size(); ++e) {
    const std::string prefix = job.workload.engines.empty() ? "" : job.workload.engines[e].name + ":";
    const std::vector<engine::FollowRule> follow =
        job.space.engine.follow ? nas::follow_rules(job.families[e]) : std::vector<engine::FollowRule>{};
    engines_.emplace_back(job.space.engine, job.engines[e], job.families[e].ranges, follow);
    add(prefix, engines_.back().genes());
    for (const std::string& left : engines_.back().left_out()) left_out_.push_back(prefix + left);
    area += job.engines[e].total_area().count();
  }
  begins_.push_back(genes_.size());
  area_budget_ = job.space.area_budget * area;
  if (std::none_of(genes_.begin(), genes_.end(), [](const nas::Gene& gene) { return gene.values.size() > 1; })) {
    throw Error(fmt::format("space {}: nothing can change in workload {}", job.space.name, job.workload.name));
  }
}

nas::Genotype WorkloadDesigns::part(const nas::Genotype& genotype, std::size_t number) const {
  return {genotype.begin() + static_cast<std::ptrdiff_t>(begins_[number]),
          genotype.begin() + static_cast<std::ptrdiff_t>(begins_[number + 1])};
}

nas::Genotype WorkloadDesigns::canonical(const nas::Genotype& genotype) const {
  nas::Genotype out = genotype;
  for (std::size_t n = 0; n < networks_.size(); ++n) {
    const nas::Genotype own = networks_[n]->canonical(part(genotype, n));
    std::copy(own.begin(), own.end(), out.begin() + static_cast<std::ptrdiff_t>(begins_[n]));
  }
  return out;
}

BuiltDesign WorkloadDesigns::build(const nas::Genotype& genotype) const {
  BuiltDesign design;
  try {
    double area = 0;
    for (std::size_t e = 0; e < engines_.size(); ++e) {
      design.engines.push_back(engines_[e].engine(part(genotype, networks_.size() + e)));
      area += design.engines.back().total_area().count();
    }
    for (std::size_t n = 0; n < networks_.size(); ++n) {
      // Channels follow the engine that the network runs on, the first one where it may run on several.
      std::size_t engine = 0;
      for (std::size_t e = 0; e < job_.workload.engines.size(); ++e) {
        if (job_.workload.engines[e].name == job_.workload.networks[n].engine) engine = e;
      }
      design.graphs.push_back(networks_[n]->build(part(genotype, n), design.engines[engine]));
      design.shortfall += capacity_[n]->shortfall(facts_of(design.graphs.back()));
    }
    if (area_budget_ > 0) design.shortfall += std::max(0.0, area / area_budget_ - 1);
  } catch (const Error& error) {
    design.failure = error.what();
  }
  return design;
}

std::vector<std::string> WorkloadDesigns::describe(const nas::Genotype& genotype) const {
  std::vector<std::string> out;
  for (std::size_t g = 0; g < genes_.size(); ++g) {
    if (genotype[g] != 0) out.push_back(genes_[g].name + "=" + genes_[g].values[static_cast<std::size_t>(genotype[g])]);
  }
  return out;
}

std::vector<WorkloadDesign> WorkloadDesigns::price(const std::vector<nas::Genotype>& genotypes,
                                                   MeasurementSource& source, const Progress& progress) const {
  std::vector<BuiltDesign> built;
  std::vector<WorkloadDesign> designs(genotypes.size());
  for (const nas::Genotype& genotype : genotypes) built.push_back(build(genotype));
  std::vector<WorkloadQuestion> questions;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < built.size(); ++i) {
    designs[i].genes = describe(genotypes[i]);
    if (!built[i].failure.empty()) {
      designs[i].searched.failure = built[i].failure;
      designs[i].violation = kImpossible;
      continue;
    }
    WorkloadQuestion question;
    question.workload = &job_.workload;
    for (const network::Graph& graph : built[i].graphs) question.graphs.push_back(&graph);
    for (const engine::EngineConfig& engine : built[i].engines) question.engines.push_back(&engine);
    questions.push_back(std::move(question));
    places.push_back(i);
  }
  std::vector<WorkloadAnswer> answers = answer_workloads(questions, source, progress);
  for (std::size_t q = 0; q < answers.size(); ++q) {
    WorkloadDesign& design = designs[places[q]];
    design.searched = std::move(answers[q]);
    design.searched.frames.clear();
    design.searched.runs.clear();
    const WorkloadObjectives& objectives = design.searched.objectives;
    design.violation = kImpossible;
    if (!design.searched.failure.empty()) continue;
    const double late = std::max(0.0, objectives.worst_response_ratio - 1);
    const double asked = std::max(0.0, objectives.highest_demand - 1);
    design.violation = std::min(kImpossible, late + asked) + built[places[q]].shortfall;
  }
  return designs;
}

std::vector<nas::Evaluation> WorkloadProblem::evaluate(const std::vector<nas::Genotype>& genotypes) {
  progress_("searching", priced_, job_.evaluations);
  std::vector<nas::Evaluation> out;
  for (const WorkloadDesign& design : designs_.price(genotypes, source_, {})) {
    nas::Evaluation evaluation;
    evaluation.violation = design.violation;
    for (const WorkloadObjective objective : job_.objectives) {
      const bool known = design.searched.failure.empty();
      evaluation.objectives.push_back(known ? std::min(kWorst, value_of(objective, design.searched)) : kWorst);
    }
    out.push_back(std::move(evaluation));
  }
  priced_ += static_cast<std::int64_t>(genotypes.size());
  return out;
}

}  // namespace lanewise::study
