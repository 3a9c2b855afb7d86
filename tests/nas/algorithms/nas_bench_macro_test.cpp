// SPDX-License-Identifier: Apache-2.0
// The search on a table of trained networks: all 6,561 of NAS-Bench-Macro (8 layers of 3 choices), accuracy against
// MACs. The table is not shipped: LANEWISE_NAS_BENCH_MACRO names it, or it lies beside the repository in
// ../shared/data.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "nas/algorithms/hypervolume.hpp"
#include "tests/nas/algorithms/test_problems.hpp"

namespace lanewise::nas {
namespace {

struct Trained {
  double accuracy = 0;  // percent
  double million_macs = 0;
};
using Table = std::map<Genotype, Trained>;

Table read_table(std::istream& file) {
  Table table;
  std::string line;
  std::getline(file, line);  // arch,mean_acc,std,params,flops,…
  while (std::getline(file, line)) {
    std::stringstream cells(line);
    std::string architecture, accuracy, deviation, parameters, macs;
    std::getline(cells, architecture, ',');
    std::getline(cells, accuracy, ',');
    std::getline(cells, deviation, ',');
    std::getline(cells, parameters, ',');
    std::getline(cells, macs, ',');
    Genotype genotype;
    for (const char layer : architecture) genotype.push_back(layer - '0');
    table[genotype] = {std::stod(accuracy), std::stod(macs) / 1e6};
  }
  return table;
}

// Share of the whole table's hypervolume that the first `count` samples reach.
double share(const Table& table, const std::vector<Genotype>& samples, std::size_t count, double whole) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < std::min(count, samples.size()); ++i) {
    const Trained& trained = table.at(samples[i]);
    points.push_back({trained.million_macs, -trained.accuracy});
  }
  return hypervolume(points, {105.660928, -80}) / whole;
}

TEST(NasBenchMacro, reaches_the_published_hypervolume_of_nsga_ii) {
  const char* given = std::getenv("LANEWISE_NAS_BENCH_MACRO");
  const std::string path = given != nullptr ? given : LANEWISE_SOURCE_DIR "/../shared/data/nas_bench_macro_cifar10.csv";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no table of NAS-Bench-Macro at " << path << " (set LANEWISE_NAS_BENCH_MACRO)";
  const Table table = read_table(file);
  ASSERT_EQ(table.size(), 6561u);
  std::vector<Genotype> all;
  for (const auto& entry : table) all.push_back(entry.first);
  const double whole = share(table, all, all.size(), 1);
  EXPECT_NEAR(whole, 1019.324, 0.01);  // published from unrounded accuracies

  constexpr int kSeeds = 50;
  const std::vector<std::size_t> samples = {100, 200, 400};
  std::vector<double> evolved(samples.size()), drawn(samples.size());
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    FunctionProblem problem(std::vector<int>(8, 3), [&](const Genotype& genotype) {
      const Trained& trained = table.at(genotype);
      return Evaluation{{trained.million_macs, -trained.accuracy}, 0};
    });
    SearchOptions options;
    options.seed = seed;
    options.population = 20;
    search_with("nsga2", problem, options, 400);
    ASSERT_EQ(problem.asked.size(), 400u);
    std::vector<Genotype> shuffled = all;
    Random(seed).shuffle(shuffled);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      evolved[i] += share(table, problem.asked, samples[i], whole) / kSeeds;
      drawn[i] += share(table, shuffled, samples[i], whole) / kSeeds;
    }
  }
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::printf("share of the true hypervolume after %zu samples: evolved %.4f, random %.4f\n", samples[i], evolved[i],
                drawn[i]);
  }
  EXPECT_GE(evolved[0], 0.94);
  EXPECT_GE(evolved[1], 0.97);
  EXPECT_GE(evolved[2], 0.99);
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_GT(evolved[i], drawn[i]);
}

TEST(NasBenchMacro, the_shipped_search_finds_nearly_all_of_it_in_100_samples) {
  const char* given = std::getenv("LANEWISE_NAS_BENCH_MACRO");
  const std::string path = given != nullptr ? given : LANEWISE_SOURCE_DIR "/../shared/data/nas_bench_macro_cifar10.csv";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no table of NAS-Bench-Macro at " << path << " (set LANEWISE_NAS_BENCH_MACRO)";
  const Table table = read_table(file);
  std::vector<Genotype> all;
  for (const auto& entry : table) all.push_back(entry.first);
  const double whole = share(table, all, all.size(), 1);
  double found = 0;
  constexpr int kSeeds = 3;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    FunctionProblem problem(std::vector<int>(8, 3), [&](const Genotype& genotype) {
      const Trained& trained = table.at(genotype);
      return Evaluation{{trained.million_macs, -trained.accuracy}, 0};
    });
    SearchOptions options;
    options.seed = seed;
    search_with(algorithms().front().name, problem, options, 100);  // MACs are not even known beforehand here
    found += share(table, problem.asked, 100, whole) / kSeeds;
  }
  std::printf("share of the true hypervolume after 100 samples: %.4f\n", found);
  EXPECT_GE(found, 0.97);
}

}  // namespace
}  // namespace lanewise::nas
