// SPDX-License-Identifier: Apache-2.0
#include "accuracy/supernet/inherited_search.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>

#include "accuracy/training/device.hpp"
#include "core/base/error.hpp"
#include "core/base/parallel.hpp"
#include "nas/algorithms/algorithm.hpp"
#include "nas/search.hpp"

namespace lanewise::accuracy {
namespace {

double beyond(double value, double most) { return most > 0 ? std::max(0.0, value / most - 1) : 0; }

// What is to become smaller: a loss tells networks apart that answer equally many images rightly.
double objective_of(const Inherited& network) {
  for (const Metric& metric : network.metrics) {
    if (metric.name == "loss") return metric.value;
  }
  return network.metrics.front().higher_is_better ? -network.metrics.front().value : network.metrics.front().value;
}

class InheritedProblem : public nas::Problem {
 public:
  InheritedProblem(Inheritance& inheritance, const SupernetRecipe& recipe, LatencyPrices& prices,
                   const InheritedSearchSettings& settings, InheritedSearchResult& result, const Progress& progress)
      : inheritance_(inheritance),
        recipe_(recipe),
        prices_(prices),
        settings_(settings),
        result_(result),
        progress_(progress) {}

  const std::vector<nas::Gene>& genes() const override { return inheritance_.space().genes(); }
  nas::Genotype canonical(const nas::Genotype& genotype) const override {
    return inheritance_.space().canonical(genotype);
  }

  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Evaluation> out(genotypes.size());
    std::vector<std::size_t> kept;
    std::vector<InheritedCandidate> candidates(genotypes.size());
    for (std::size_t i = 0; i < genotypes.size(); ++i) {
      const network::Graph graph = inheritance_.space().graph(genotypes[i]);
      candidates[i].ms = prices_.ms(genotypes[i]);
      out[i].violation =
          beyond(candidates[i].ms, settings_.latency_ms) +
          beyond(static_cast<double>(network::macs(graph)), static_cast<double>(recipe_.most_macs)) +
          beyond(static_cast<double>(network::parameters(graph)), static_cast<double>(recipe_.most_parameters));
      // Nothing is known of it but that it is none.
      out[i].objectives = {0};
      if (out[i].violation == 0) kept.push_back(i);
    }
    parallel_for(
        kept.size(), settings_.inherit.jobs,
        [&](std::size_t i) { candidates[kept[i]].measured = inheritance_.one(genotypes[kept[i]]); },
        [](std::size_t) {});
    for (const std::size_t i : kept) {
      out[i].objectives = {objective_of(candidates[i].measured)};
      result_.seconds += candidates[i].measured.seconds;
      result_.measured.push_back(std::move(candidates[i]));
    }
    result_.asked += static_cast<std::int64_t>(genotypes.size());
    progress_(fmt::format("searching, {} networks measured", result_.measured.size()), result_.asked, settings_.asked);
    return out;
  }

 private:
  Inheritance& inheritance_;
  const SupernetRecipe& recipe_;
  LatencyPrices& prices_;
  const InheritedSearchSettings& settings_;
  InheritedSearchResult& result_;
  const Progress& progress_;
};

}  // namespace

InheritedSearchResult search_inherited(const std::string& path, const SupernetFile& file, const TrainingData& data,
                                       LatencyPrices& prices, const InheritedSearchSettings& settings,
                                       const Progress& progress) {
  at::set_num_threads(1);
  keep_freed_memory();
  if (!(settings.latency_ms > 0)) throw Error("the latency must be above 0 ms");
  Inheritance inheritance(path, file, data, settings.inherit);
  InheritedSearchResult result;
  InheritedProblem problem(inheritance, file.recipe, prices, settings, result, progress);
  nas::SearchOptions options;
  options.seed = settings.seed;
  options.population = settings.population;
  const auto algorithm = nas::make_algorithm(settings.algorithm, problem, options);
  nas::SearchBudget budget;
  budget.evaluations = settings.asked;
  budget.seconds = settings.seconds;
  nas::search(problem, *algorithm, budget);
  if (result.measured.empty()) {
    throw Error(fmt::format("none of {} networks keeps to {} ms and to the bounds of the supernet's recipe",
                            result.asked, settings.latency_ms));
  }
  for (std::size_t i = 1; i < result.measured.size(); ++i) {
    if (objective_of(result.measured[i].measured) < objective_of(result.measured[result.best].measured))
      result.best = i;
  }
  return result;
}

}  // namespace lanewise::accuracy
