// SPDX-License-Identifier: Apache-2.0
// Network and engine searched together against the engine first and then the network on it, at equal budgets and by the
// same algorithm: hypervolume of latency against energy under one reference point, paired by seed, with the one-sided
// signed-rank test of Wilcoxon.
//   joint_search [--seeds N] [--budget N] [--json] [--estimator FILE]
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <string>

#include "benchmarks/priced_space.hpp"
#include "benchmarks/seed_runs.hpp"
#include "nas/algorithms/hypervolume.hpp"
#include "nas/search.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

void search(PricedSpace& problem, std::uint64_t seed, std::int64_t evaluations) {
  nas::SearchOptions options;
  options.seed = seed;
  nas::SearchBudget budget;
  budget.evaluations = evaluations;
  nas::search(problem, *nas::make_algorithm(nas::algorithms().front().name, problem, options), budget);
}

void collect(const PricedSpace& problem, std::vector<nas::Point>& points) {
  for (const nas::Evaluation& answer : problem.answers) {
    if (!(answer.violation > 0)) points.push_back(answer.objectives);
  }
}

// Half of the budget for the engine under the default network, then the other half for networks on the engine that had
// the least energy-delay product.
std::vector<nas::Point> one_after_another(const SpaceUnderTest& parts, std::uint64_t seed, std::int64_t budget) {
  PricedSpace engines(parts, false, 0.9, 1);
  const std::size_t network_genes = parts.space->network_genes();
  for (std::size_t gene = 0; gene < network_genes; ++gene) engines.fix(gene, 0);
  search(engines, seed, budget / 2);
  std::vector<nas::Point> points;
  collect(engines, points);
  std::size_t best = 0;
  const auto worth = [&](std::size_t i) {
    const nas::Evaluation& answer = engines.answers[i];
    return answer.violation > 0 ? HUGE_VAL : answer.objectives[0] * answer.objectives[1];
  };
  for (std::size_t i = 1; i < engines.answers.size(); ++i) best = worth(i) < worth(best) ? i : best;
  PricedSpace networks(parts, false, 0.9, 1);
  for (std::size_t gene = network_genes; gene < parts.space->genes().size(); ++gene) {
    networks.fix(gene, engines.asked[best][gene]);
  }
  search(networks, seed, budget - budget / 2);
  collect(networks, points);
  return points;
}

Json run(int seeds, std::int64_t budget, const std::string& estimator) {
  const SpaceUnderTest parts("spaces/joint.yaml", "", "hwconfigs/ne-256.yaml", estimator);
  PricedSpace first(parts, false, 0.9, 1);
  const nas::Genotype defaults(parts.space->genes().size(), 0);
  const std::vector<double> baseline = first.evaluate({defaults}).front().objectives;
  const nas::Point reference = {2 * baseline[0], 2 * baseline[1]};
  std::vector<double> joint(static_cast<std::size_t>(seeds)), apart(joint), differences(joint);
  for_each_seed(seeds, [&](std::uint64_t seed) {
    PricedSpace whole(parts, false, 0.9, 1);
    search(whole, seed, budget);
    std::vector<nas::Point> points;
    collect(whole, points);
    joint[seed - 1] = nas::hypervolume(points, reference);
    apart[seed - 1] = nas::hypervolume(one_after_another(parts, seed, budget), reference);
    differences[seed - 1] = joint[seed - 1] - apart[seed - 1];
  });
  Json out;
  out["budget"] = budget;
  out["seeds"] = seeds;
  out["algorithm"] = nas::algorithms().front().name;
  out["reference_point"] = {{"latency_ms", reference[0]}, {"energy_uj", reference[1]}};
  out["hypervolume"] = {{"joint", joint}, {"engine_then_network", apart}};
  out["mean"] = {{"joint", mean(joint)}, {"engine_then_network", mean(apart)}};
  out["joint_is_better"] = std::count_if(differences.begin(), differences.end(), [](double d) { return d > 0; });
  out["test"] = "Wilcoxon signed-rank, one-sided, exact";
  out["p"] = signed_rank_chance(differences);
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    int seeds = 12;
    std::int64_t budget = 400;
    bool json = false;
    std::string estimator;
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      if (argument == "--json") {
        json = true;
      } else if (argument == "--seeds" && i + 1 < argc) {
        seeds = std::max(1, std::atoi(argv[++i]));
      } else if (argument == "--budget" && i + 1 < argc) {
        budget = std::max(2, std::atoi(argv[++i]));
      } else if (argument == "--estimator" && i + 1 < argc) {
        estimator = argv[++i];
      } else {
        throw Error("unknown argument '" + argument + "'");
      }
    }
    const Json result = run(seeds, budget, estimator);
    if (json) {
      std::cout << result.dump(2) << '\n';
      return 0;
    }
    std::printf("%d seeds, %d evaluations each\n", seeds, result["budget"].get<int>());
    std::printf("joint                hypervolume %.6g\n", result["mean"]["joint"].get<double>());
    std::printf("engine, then network hypervolume %.6g\n", result["mean"]["engine_then_network"].get<double>());
    std::printf("joint is better for %d of %d seeds, p = %.2g (%s)\n", result["joint_is_better"].get<int>(), seeds,
                result["p"].get<double>(), result["test"].get<std::string>().c_str());
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
