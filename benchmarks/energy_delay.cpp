// SPDX-License-Identifier: Apache-2.0
// How many evaluations it takes to come within 1 % of the least energy-delay product over engines and networks, in a
// space that is small enough to know all of: MobileNetV2 with its first three blocks fused or not, on 1,728 engines.
//   energy_delay [--seeds N] [--json] [--estimator FILE]
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "benchmarks/priced_space.hpp"
#include "benchmarks/seed_runs.hpp"
#include "nas/search.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr std::size_t kOpenFusions = 3;
constexpr std::int64_t kMost = 2000;  // evaluations; a seed that needs more counts as one more

// What is known of every point: handed out one evaluation at a time.
class KnownSpace : public nas::Problem {
 public:
  KnownSpace(const std::vector<nas::Gene>& genes, const std::map<nas::Genotype, std::size_t>& points,
             const std::vector<double>& products, const std::vector<std::vector<double>>& features)
      : genes_(genes), points_(points), products_(products), features_(features) {}
  std::vector<double> read;

  const std::vector<nas::Gene>& genes() const override { return genes_; }
  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Genotype& genotype : genotypes) {
      const double product = products_[points_.at(genotype)];
      read.push_back(product);
      evaluations.push_back({{product}, product < std::numeric_limits<double>::max() ? 0.0 : 1e6});
    }
    return evaluations;
  }
  std::vector<std::vector<double>> features(const std::vector<nas::Genotype>& genotypes) const override {
    std::vector<std::vector<double>> rows;
    for (const nas::Genotype& genotype : genotypes) rows.push_back(features_[points_.at(genotype)]);
    return rows;
  }

 private:
  const std::vector<nas::Gene>& genes_;
  const std::map<nas::Genotype, std::size_t>& points_;
  const std::vector<double>& products_;
  const std::vector<std::vector<double>>& features_;
};

struct Found {};

std::vector<nas::Genotype> all_of(const std::vector<nas::Gene>& genes) {
  std::vector<nas::Genotype> all;
  nas::Genotype genotype(genes.size(), 0);
  for (;;) {
    all.push_back(genotype);
    std::size_t g = 0;
    while (g < genes.size() && ++genotype[g] == static_cast<int>(genes[g].values.size())) genotype[g++] = 0;
    if (g == genes.size()) return all;
  }
}

Json run(int seeds, const std::string& estimator) {
  const SpaceUnderTest parts("benchmarks/energy_delay.yaml", "models/mobilenet_v2.onnx", "hwconfigs/ne-256.yaml",
                             estimator);
  PricedSpace priced(parts, true, 0, 0);
  std::size_t fusions = 0;
  for (std::size_t gene = 0; gene < parts.space->network_genes(); ++gene) {
    const bool fusion = parts.space->genes()[gene].name.rfind("fuse.", 0) == 0;
    if (!fusion || ++fusions > kOpenFusions) priced.fix(gene, 0);
  }
  const std::vector<nas::Gene> genes = priced.genes();
  const std::vector<nas::Genotype> all = all_of(genes);
  std::map<nas::Genotype, std::size_t> points;
  for (std::size_t i = 0; i < all.size(); ++i) points[all[i]] = i;
  std::vector<double> products, possible;
  for (const nas::Evaluation& evaluation : priced.evaluate(all)) {
    products.push_back(evaluation.objectives.front());
    if (!(evaluation.violation > 0)) possible.push_back(products.back());
  }
  const std::vector<std::vector<double>> features = priced.features(all);
  const double least = *std::min_element(possible.begin(), possible.end());
  const double median = quantile(possible, 0.5);

  Json out;
  out["points"] = all.size();
  out["cannot_run"] = all.size() - possible.size();
  out["median_over_optimum"] = median / least;
  Json optimum = Json::object();
  const nas::Genotype& best =
      all[static_cast<std::size_t>(std::find(products.begin(), products.end(), least) - products.begin())];
  for (std::size_t g = 0; g < genes.size(); ++g) {
    if (genes[g].values.size() > 1) optimum[genes[g].name] = genes[g].values[static_cast<std::size_t>(best[g])];
  }
  out["optimum"] = optimum;
  out["optimum_uj_ms"] = least;
  out["seeds"] = seeds;
  out["algorithm"] = nas::algorithms().front().name;
  for (const std::string& algorithm :
       {std::string(nas::algorithms().front().name), std::string("nsga2"), std::string("random")}) {
    std::vector<double> needed(static_cast<std::size_t>(seeds), static_cast<double>(kMost + 1));
    for_each_seed(seeds, [&](std::uint64_t seed) {
      KnownSpace problem(genes, points, products, features);
      nas::SearchOptions options;
      options.seed = seed;
      options.population = 20;
      nas::SearchBudget budget;
      budget.evaluations = kMost;
      std::size_t looked_at = 0;
      nas::SearchHooks hooks;
      hooks.after_batch = [&](const nas::SearchBatch&) {
        for (; looked_at < problem.read.size(); ++looked_at) {
          if (problem.read[looked_at] > 1.01 * least) continue;
          needed[seed - 1] = static_cast<double>(looked_at + 1);
          throw Found();
        }
      };
      try {
        nas::search(problem, *nas::make_algorithm(algorithm, problem, options), budget, {}, hooks);
      } catch (const Found&) {
      }
    });
    out["evaluations_to_1_percent"][algorithm] = {{"median", quantile(needed, 0.5)}, {"p90", quantile(needed, 0.9)}};
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    int seeds = 40;
    bool json = false;
    std::string estimator;
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      if (argument == "--json") {
        json = true;
      } else if (argument == "--seeds" && i + 1 < argc) {
        seeds = std::max(1, std::atoi(argv[++i]));
      } else if (argument == "--estimator" && i + 1 < argc) {
        estimator = argv[++i];
      } else {
        throw Error("unknown argument '" + argument + "'");
      }
    }
    const Json result = run(seeds, estimator);
    if (json) {
      std::cout << result.dump(2) << '\n';
      return 0;
    }
    std::printf("%zu points, median %.2f times the optimum\n", result["points"].get<std::size_t>(),
                result["median_over_optimum"].get<double>());
    for (const auto& [name, of] : result["evaluations_to_1_percent"].items()) {
      std::printf("%-10s evaluations to within 1 %%: median %.1f, 90th percentile %.1f\n", name.c_str(),
                  of["median"].get<double>(), of["p90"].get<double>());
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
