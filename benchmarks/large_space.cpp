// SPDX-License-Identifier: Apache-2.0
// The shipped search against random search in the space of networks and engines of spaces/joint.yaml, more than 10^12
// designs: hypervolume of latency against energy at equal budgets, under the limits of the default design's area and
// nine tenths of its parameters and MACs.
//   large_space [--seeds N] [--budget N] [--json] [--estimator FILE]
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "benchmarks/priced_space.hpp"
#include "benchmarks/seed_runs.hpp"
#include "nas/algorithms/hypervolume.hpp"
#include "nas/search.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

Json run(int seeds, std::int64_t budget, const std::string& estimator) {
  const SpaceUnderTest parts("spaces/joint.yaml", "", "hwconfigs/ne-256.yaml", estimator);
  const nas::Genotype defaults(parts.space->genes().size(), 0);
  PricedSpace first(parts, false, 0.9, 1);
  const std::vector<double> baseline = first.evaluate({defaults}).front().objectives;
  // Whatever takes twice as long or twice as much energy as the default counts for nothing.
  const nas::Point reference = {2 * baseline[0], 2 * baseline[1]};
  double designs = 1;
  for (const nas::Gene& gene : parts.space->genes()) designs *= static_cast<double>(gene.values.size());
  Json out;
  out["designs"] = designs;
  out["budget"] = budget;
  out["seeds"] = seeds;
  out["algorithm"] = nas::algorithms().front().name;
  out["reference_point"] = {{"latency_ms", reference[0]}, {"energy_uj", reference[1]}};
  std::map<std::string, double> means;
  for (const std::string& algorithm :
       {std::string(nas::algorithms().front().name), std::string("nsga2"), std::string("random")}) {
    std::vector<double> volumes(static_cast<std::size_t>(seeds));
    for_each_seed(seeds, [&](std::uint64_t seed) {
      PricedSpace problem(parts, false, 0.9, 1);
      nas::SearchOptions options;
      options.seed = seed;
      options.population = 20;
      nas::SearchBudget ends;
      ends.evaluations = budget;
      nas::search(problem, *nas::make_algorithm(algorithm, problem, options), ends);
      std::vector<nas::Point> points;
      for (const nas::Evaluation& answer : problem.answers) {
        if (!(answer.violation > 0)) points.push_back(answer.objectives);
      }
      volumes[seed - 1] = nas::hypervolume(points, reference);
    });
    means[algorithm] = mean(volumes);
    out["hypervolume"][algorithm] = {{"mean", mean(volumes)}, {"each", volumes}};
  }
  out["ratio_to_random"] = means[nas::algorithms().front().name] / means["random"];
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    int seeds = 6;
    std::int64_t budget = 300;
    bool json = false;
    std::string estimator;
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      if (argument == "--json") {
        json = true;
      } else if (argument == "--seeds" && i + 1 < argc) {
        seeds = std::max(1, std::atoi(argv[++i]));
      } else if (argument == "--budget" && i + 1 < argc) {
        budget = std::max(1, std::atoi(argv[++i]));
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
    std::printf("%.3g designs, %d evaluations, %d seeds\n", result["designs"].get<double>(),
                result["budget"].get<int>(), seeds);
    for (const auto& [name, of] : result["hypervolume"].items()) {
      std::printf("%-10s hypervolume %.6g\n", name.c_str(), of["mean"].get<double>());
    }
    std::printf("%.2f times that of random search\n", result["ratio_to_random"].get<double>());
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
