// SPDX-License-Identifier: Apache-2.0
// How long the shipped search takes to propose a batch of 150 in a space of 2,500 points after 150 answers, fitting
// included: CPU seconds, the median of several seeds. Objectives: one that is known and one that is not; and two that
// are not.
//   surrogate_speed [--seeds N] [--json]
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>

#include "benchmarks/seed_runs.hpp"
#include "core/base/error.hpp"
#include "nas/search.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr int kBatch = 150;

// Four genes of 5, 5, 10 and 10 values: cost against error, which no sum of genes gives.
class FourGenes : public nas::Problem {
 public:
  explicit FourGenes(bool cost_is_free) : cost_is_free_(cost_is_free) {
    for (const int count : {5, 5, 10, 10}) {
      nas::Gene gene{"gene" + std::to_string(genes_.size()), {}};
      for (int value = 1; value <= count; ++value) gene.values.push_back(std::to_string(value));
      genes_.push_back(gene);
    }
  }
  const std::vector<nas::Gene>& genes() const override { return genes_; }
  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Genotype& g : genotypes) evaluations.push_back({{cost(g), error(g)}, 0});
    return evaluations;
  }
  std::vector<bool> free_objectives() const override {
    return cost_is_free_ ? std::vector<bool>{true, false} : std::vector<bool>{};
  }
  std::vector<nas::Evaluation> known_beforehand(const std::vector<nas::Genotype>& genotypes) const override {
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Genotype& g : genotypes) evaluations.push_back({{cost(g), std::nan("")}, 0});
    return evaluations;
  }

 private:
  static double cost(const nas::Genotype& g) { return (1.0 + g[0]) * (1 + g[2]) + 2.0 * (1 + g[1]) * (1 + g[3]); }
  static double error(const nas::Genotype& g) {
    return 40 / std::sqrt(1.0 + g[0] * (1 + g[1])) + 10 * std::exp(-0.3 * g[2]) + std::abs(g[3] - g[2]) +
           std::sin(3.0 * g[1] + g[3]);
  }
  bool cost_is_free_;
  std::vector<nas::Gene> genes_;
};

double seconds_of_a_batch(bool cost_is_free, std::uint64_t seed) {
  FourGenes problem(cost_is_free);
  nas::SearchOptions options;
  options.seed = seed;
  options.batch = kBatch;
  const auto algorithm = nas::make_algorithm(nas::algorithms().front().name, problem, options);
  std::size_t told = 0;
  while (told < static_cast<std::size_t>(kBatch)) {
    std::vector<nas::Genotype> batch = algorithm->ask();
    batch.resize(std::min(batch.size(), static_cast<std::size_t>(kBatch) - told));
    algorithm->tell(batch, problem.evaluate(batch));
    told += batch.size();
  }
  const std::clock_t before = std::clock();
  const std::vector<nas::Genotype> batch = algorithm->ask();
  const std::clock_t after = std::clock();
  if (batch.size() != static_cast<std::size_t>(kBatch)) throw Error("a batch has another size than asked for");
  return static_cast<double>(after - before) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    int seeds = 9;
    bool json = false;
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      if (argument == "--json") {
        json = true;
      } else if (argument == "--seeds" && i + 1 < argc) {
        seeds = std::max(1, std::atoi(argv[++i]));
      } else {
        throw Error("unknown argument '" + argument + "'");
      }
    }
    Json result;
    result["points"] = 2500;
    result["batch"] = kBatch;
    result["told"] = kBatch;
    result["algorithm"] = nas::algorithms().front().name;
    for (const bool free : {true, false}) {
      std::vector<double> seconds;
      for (int seed = 1; seed <= seeds; ++seed)
        seconds.push_back(seconds_of_a_batch(free, static_cast<std::uint64_t>(seed)));
      result[free ? "cpu_seconds" : "cpu_seconds_two_unknown"] = quantile(seconds, 0.5);
    }
    if (json) {
      std::cout << result.dump(2) << '\n';
    } else {
      std::printf("a batch of %d in 2,500 points: %.3f s of CPU with one free objective, %.3f s with none\n", kBatch,
                  result["cpu_seconds"].get<double>(), result["cpu_seconds_two_unknown"].get<double>());
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
