// SPDX-License-Identifier: Apache-2.0
// How many training seconds a combined search needs for the accuracy that evolution, which trains every candidate that
// keeps the limit, reaches: on a table of trained networks as the trainer, where a training's seconds are as its MACs.
//   combined_search TABLE.csv [--seeds N] [--estimator FILE] [--json]
// The limit is latency on ne-256 as the family's estimator gives it: none, and the 50th, 20th, 5th and 2nd percentile
// of the space's networks. Neither search pays for latencies, and none trains what misses the limit. Fixed before the
// first run: what evolution has after 100, 200 and 400 trainings is the same accuracy, and so are gaps of 1, 0.5 and
// 0.2 points to the best network that keeps the limit. Seconds are those until a search first had that accuracy. A
// combined search of 100 trainings that never had it counts as all of evolution's seconds and more: its ratio is
// infinite.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "benchmarks/accuracy_table.hpp"
#include "benchmarks/seed_runs.hpp"
#include "core/mapping/partition.hpp"
#include "estimator/default_estimator.hpp"
#include "estimator/estimator.hpp"
#include "nas/combined/combined_search.hpp"
#include "nas/scores/network_score.hpp"
#include "nas/scores/topology_features.hpp"
#include "nas/search.hpp"
#include "nas/space/space.hpp"
#include "study/codesign/cost_oracle.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr const char* kScore = "scale_capacity";
constexpr const char* kSpace = "spaces/nas-bench-macro.yaml";
constexpr const char* kEngine = "hwconfigs/ne-256.yaml";
constexpr double kLimits[] = {1, 0.5, 0.2, 0.05, 0.02};  // shares of the space that keep the limit
constexpr std::int64_t kBudgets[] = {100, 200, 400};     // trainings of evolution
constexpr double kGaps[] = {1, 0.5, 0.2};                // points below the best
constexpr std::int64_t kMostTrainings = 100;             // of the combined search
constexpr std::int64_t kMostAsked = 20000;               // of evolution, which pays for its trainings alone
// Populations of regularised evolution that were tried; each accuracy is held against the one that has it the soonest.
constexpr int kPopulations[] = {20, 50};

// What both searches know of every network: rows of the table by genotype of its genes.
struct World {
  AccuracyTable table;
  std::vector<double> latency;
  std::vector<nas::UntrainedFacts> facts;
};

World make_world(const std::string& path, const std::string& estimator_path) {
  World world;
  world.table = read_accuracy_table(path);
  const engine::EngineConfig engine = engine::load_engine(kEngine).config;
  const auto space = nas::make_network_space(nas::load_space(kSpace), nullptr);
  const std::string model_path =
      estimator_path.empty() ? estimator::default_estimator(kEngine, engine.family) : estimator_path;
  const estimator::Estimator model = estimator::Estimator::load(model_path);
  const auto source = study::make_estimated(model);
  const auto costs = study::make_cost_oracle(*source);
  constexpr std::size_t kChunk = 200;  // networks held at once
  const nas::NetworkScore& score = nas::network_score(kScore);
  for (std::size_t begin = 0; begin < world.table.rows.size(); begin += kChunk) {
    const std::size_t end = std::min(begin + kChunk, world.table.rows.size());
    std::vector<mapping::Partition> partitions;
    for (std::size_t i = begin; i < end; ++i) {
      const network::Graph graph = space->build(space->decode(world.table.rows[i].encoding), engine);
      world.facts.push_back({world.table.rows[i].encoding, nas::topology_features_of(graph), {score.of(graph)}});
      partitions.push_back(mapping::partition_with_memory(graph, engine));
    }
    std::vector<nas::CostQuery> queries;
    for (const mapping::Partition& partition : partitions) queries.push_back({&engine, &partition.subgraphs});
    for (const nas::Cost& cost : costs->price(queries)) {
      if (!cost.failure.empty()) throw Error(cost.failure);
      world.latency.push_back(cost.latency_ms);
    }
  }
  return world;
}

// Best accuracy so far and what it took, after each training; seconds in those of a million MACs.
struct Curve {
  std::vector<double> best, seconds;
  void train(const AccuracyTable::Row& row) {
    best.push_back(std::max(best.empty() ? 0.0 : best.back(), row.accuracy));
    seconds.push_back((seconds.empty() ? 0.0 : seconds.back()) + row.million_macs);
  }
  // Seconds until it had this accuracy; infinite where it never had.
  double until(double accuracy) const {
    for (std::size_t i = 0; i < best.size(); ++i) {
      if (best[i] >= accuracy) return seconds[i];
    }
    return std::numeric_limits<double>::infinity();
  }
};

struct Enough {};  // ends an evolution that has trained its budget

class Trained : public nas::Problem {
 public:
  Trained(const World& world, double limit) : world_(world), limit_(limit) {}
  Curve curve;
  const std::vector<nas::Gene>& genes() const override { return world_.table.genes; }
  std::vector<nas::Evaluation> evaluate(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Evaluation> out;
    for (const nas::Genotype& genotype : genotypes) {
      const std::size_t row = world_.table.row_of.at(genotype);
      const double missed = std::max(0.0, world_.latency[row] / limit_ - 1);
      if (missed > 0) {
        out.push_back({{0}, missed});
        continue;
      }
      curve.train(world_.table.rows[row]);
      out.push_back({{-world_.table.rows[row].accuracy}, 0});
      if (static_cast<std::int64_t>(curve.best.size()) >= kBudgets[2]) throw Enough();
    }
    return out;
  }

 private:
  const World& world_;
  double limit_;
};

class ToTrain : public nas::CombinedProblem {
 public:
  ToTrain(const World& world, double limit) : world_(world), limit_(limit) {}
  Curve curve;
  const std::vector<nas::Gene>& genes() const override { return world_.table.genes; }
  std::vector<nas::Evaluation> costs(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Evaluation> out;
    for (const nas::Genotype& genotype : genotypes) {
      out.push_back({{}, std::max(0.0, world_.latency[world_.table.row_of.at(genotype)] / limit_ - 1)});
    }
    return out;
  }
  std::vector<nas::UntrainedFacts> facts(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::UntrainedFacts> out;
    for (const nas::Genotype& genotype : genotypes) out.push_back(world_.facts[world_.table.row_of.at(genotype)]);
    return out;
  }
  std::vector<std::string> score_names() const override { return {kScore}; }
  std::vector<nas::Confirmed> train(const std::vector<nas::Genotype>& genotypes) override {
    std::vector<nas::Confirmed> out;
    for (const nas::Genotype& genotype : genotypes) {
      const AccuracyTable::Row& row = world_.table.rows[world_.table.row_of.at(genotype)];
      curve.train(row);
      out.push_back({row.accuracy, ""});
    }
    return out;
  }

 private:
  const World& world_;
  double limit_;
};

Curve evolution(const World& world, double limit, int population, std::uint64_t seed) {
  Trained problem(world, limit);
  nas::SearchOptions options;
  options.seed = seed;
  options.population = population;
  options.batch = 1;  // each child knows of all before it
  nas::SearchBudget budget;
  budget.evaluations = kMostAsked;
  try {
    nas::search(problem, *nas::make_algorithm("regularised_evolution", problem, options), budget);
  } catch (const Enough&) {
  }
  return problem.curve;
}

Curve combined(const World& world, double limit, std::uint64_t seed, double enough) {
  ToTrain problem(world, limit);
  nas::CombinedOptions options;
  options.seed = seed;
  options.trainings = kMostTrainings;
  options.at_once = 1;
  options.pool = 2000;
  options.keep = 200;
  try {
    nas::combined_search(problem, options, {}, [&](const nas::CombinedResult&) {
      if (problem.curve.best.back() >= enough) throw Enough();
    });
  } catch (const Enough&) {
  }
  return problem.curve;
}

Json spread(const std::vector<double>& values) {
  const auto shown = [](double value) { return std::isfinite(value) ? Json(value) : Json("never"); };
  // Quantiles of an order that may end in infinity, without interpolating into it.
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1) + 0.5)];
  };
  const auto within = std::count_if(values.begin(), values.end(), [](double v) { return v <= 0.25; });
  return {{"median", shown(at(0.5))},
          {"quartiles", {shown(at(0.25)), shown(at(0.75))}},
          {"share_of_seeds_at_most_a_quarter", static_cast<double>(within) / static_cast<double>(values.size())}};
}

Json judge(const World& world, double share, int seeds) {
  const double limit = quantile(world.latency, share);
  double best = 0;
  std::int64_t feasible = 0;
  for (std::size_t i = 0; i < world.latency.size(); ++i) {
    if (world.latency[i] > limit) continue;
    ++feasible;
    best = std::max(best, world.table.rows[i].accuracy);
  }
  Json out = {{"networks_within", feasible}, {"latency_ms_at_most", limit}, {"best_accuracy", best}};
  const auto n = static_cast<std::size_t>(seeds);
  std::vector<Curve> combineds(n);
  std::vector<std::vector<Curve>> evolutions(n);
  for_each_seed(seeds, [&](std::uint64_t seed) {
    for (const int population : kPopulations) evolutions[seed - 1].push_back(evolution(world, limit, population, seed));
    combineds[seed - 1] = combined(world, limit, seed, best);
  });
  // Of the populations the one that has an accuracy first, seed by seed: never worse than any setting of it.
  const auto soonest = [&](std::size_t seed, double accuracy) {
    double least = std::numeric_limits<double>::infinity();
    for (const Curve& curve : evolutions[seed]) least = std::min(least, curve.until(accuracy));
    return least;
  };
  const auto compare = [&](const std::string& name, const std::function<double(std::size_t)>& accuracy) {
    std::vector<double> ratios, trainings;
    std::int64_t evolution_never = 0;
    for (std::size_t seed = 0; seed < n; ++seed) {
      const double wanted = accuracy(seed), evolved = soonest(seed, wanted);
      const double took = combineds[seed].until(wanted);
      if (!std::isfinite(evolved)) {
        // What evolution never had in its 400 trainings costs it at least these.
        ++evolution_never;
        double least = std::numeric_limits<double>::infinity();
        for (const Curve& curve : evolutions[seed]) least = std::min(least, curve.seconds.back());
        ratios.push_back(took / least);
      } else {
        ratios.push_back(took / evolved);
      }
    }
    Json row = spread(ratios);
    row["evolution_never"] = evolution_never;
    out["ratios"][name] = row;
  };
  for (const std::int64_t budget : kBudgets) {
    compare("evolution_after_" + std::to_string(budget), [&, budget](std::size_t seed) {
      double had = 0;
      for (const Curve& curve : evolutions[seed]) {
        had = std::max(had, curve.best[std::min<std::size_t>(curve.best.size(), static_cast<std::size_t>(budget)) - 1]);
      }
      return had;
    });
  }
  for (const double gap : kGaps) {
    char name[32];
    std::snprintf(name, sizeof name, "within_%.1f_points", gap);
    compare(name, [best, gap](std::size_t) { return best - gap; });
  }
  return out;
}

void print(const Json& result) {
  std::printf("%-10s %9s  %-22s %9s %9s %9s %22s\n", "share", "networks", "same accuracy as", "median", "quartile",
              "quartile", "seeds at most a quarter");
  for (const auto& [share, row] : result["limits"].items()) {
    for (const auto& [name, ratio] : row["ratios"].items()) {
      std::printf("%-10s %9d  %-22s %9s %9s %9s %22.2f\n", share.c_str(), row["networks_within"].get<int>(),
                  name.c_str(), ratio["median"].dump().substr(0, 7).c_str(),
                  ratio["quartiles"][0].dump().substr(0, 7).c_str(), ratio["quartiles"][1].dump().substr(0, 7).c_str(),
                  ratio["share_of_seeds_at_most_a_quarter"].get<double>());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::string table, estimator;
    int seeds = 40;
    bool json = false;
    for (int i = 1; i < argc; ++i) {
      const std::string argument = argv[i];
      if (argument == "--json") {
        json = true;
      } else if ((argument == "--seeds" || argument == "--estimator") && i + 1 < argc) {
        ++i;
        if (argument == "--seeds") seeds = std::atoi(argv[i]);
        if (argument == "--estimator") estimator = argv[i];
      } else if (argument.rfind("--", 0) == 0 || !table.empty()) {
        throw Error("unknown argument '" + argument + "'");
      } else {
        table = argument;
      }
    }
    if (table.empty()) throw Error("takes TABLE.csv");
    if (seeds < 1) throw Error("--seeds must be at least 1");
    const World world = make_world(table, estimator);
    Json result = {
        {"benchmark", "combined_search"},      {"rows", world.table.rows.size()}, {"seeds", seeds}, {"score", kScore},
        {"trainings_at_most", kMostTrainings}, {"trainings_at_once", 1}};
    for (const double share : kLimits) {
      char name[16];
      std::snprintf(name, sizeof name, "%g", share);
      result["limits"][name] = judge(world, share, seeds);
    }
    if (json) {
      std::cout << result.dump(2) << '\n';
    } else {
      print(result);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: combined_search: " << error.what() << '\n';
    return 1;
  }
}
