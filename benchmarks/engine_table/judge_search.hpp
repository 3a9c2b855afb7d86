// SPDX-License-Identifier: Apache-2.0
// How much of the grid's true hypervolume searches find in so many samples: network and engine together, by several
// algorithms, against the engine first and then the network on it, by the shipped one.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "benchmarks/engine_table/grid_problem.hpp"
#include "benchmarks/seed_runs.hpp"
#include "nas/search.hpp"

namespace lanewise {

inline constexpr std::int64_t kJudgedSamples[] = {100, 200, 400};

inline void search_grid(GridProblem& problem, const std::string& algorithm, std::uint64_t seed, std::int64_t budget) {
  nas::SearchOptions options;
  options.seed = seed;
  options.population = 20;
  nas::SearchBudget ends;
  ends.evaluations = budget;
  nas::search(problem, *nas::make_algorithm(algorithm, problem, options), ends);
}

// Samples of a sequence of searches, each on one half of the design.
class SampledInTurn {
 public:
  SampledInTurn(const EngineGrid& grid, std::uint64_t seed)
      : grid_(grid), seed_(seed), engine_(grid.space().genes().size(), 0), network_(engine_) {}

  const std::vector<nas::Point>& points() const { return points_; }
  std::int64_t samples() const { return static_cast<std::int64_t>(points_.size()); }

  // Engines under the network chosen last, the default at first; chooses the one of the least product of latency and
  // second cost. Ends early where all are known.
  void engines(std::int64_t samples) {
    GridProblem problem(grid_);
    problem.fix_network(network_);
    run(problem, samples);
    const auto worth = [&](std::size_t i) { return problem.points[i][0] * problem.points[i][1]; };
    std::size_t best = 0;
    for (std::size_t i = 1; i < problem.points.size(); ++i) best = worth(i) < worth(best) ? i : best;
    engine_ = problem.asked[best];
  }

  // Networks on the engine chosen last; chooses the one of the front without which it would lose the most.
  void networks(std::int64_t samples) {
    GridProblem problem(grid_);
    problem.fix_engine(engine_);
    run(problem, samples);
    choose_network(problem);
  }

  // Every network on it: what no number of samples on this engine exceeds.
  void all_networks() {
    GridProblem problem(grid_);
    problem.fix_engine(engine_);
    problem.evaluate(grid_.networks_on(engine_));
    points_.insert(points_.end(), problem.points.begin(), problem.points.end());
    choose_network(problem);
  }

 private:
  void run(GridProblem& problem, std::int64_t samples) {
    if (samples < 1) return;
    search_grid(problem, nas::algorithms().front().name, seed_, samples);
    points_.insert(points_.end(), problem.points.begin(), problem.points.end());
  }

  void choose_network(const GridProblem& problem) {
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Point& point : problem.points) evaluations.push_back({point, 0});
    const std::vector<std::size_t> front = nas::pareto_front(evaluations);
    const auto volume_without = [&](std::size_t left_out) {
      std::vector<nas::Point> points;
      for (const std::size_t i : front) {
        if (i != left_out) points.push_back(problem.points[i]);
      }
      return nas::hypervolume(points, grid_.reference());
    };
    double least = HUGE_VAL;
    for (const std::size_t i : front) {
      const double left = volume_without(i);
      if (left < least) least = left, network_ = problem.asked[i];
    }
  }

  const EngineGrid& grid_;
  std::uint64_t seed_;
  nas::Genotype engine_, network_;  // whole genotypes, of which one half is looked at
  std::vector<nas::Point> points_;
};

// Half of the samples, or as many as there are engines, for the engine under the default network; the rest for networks
// on it. Of the most samples not what is found, but the most that can be: every network on that engine.
inline std::vector<std::vector<nas::Point>> engine_then_network(const EngineGrid& grid, std::uint64_t seed) {
  // Each half knows every engine, so that the longer search begins with the shorter one.
  static_assert(kJudgedSamples[0] < kJudgedSamples[1] && kJudgedSamples[1] < kJudgedSamples[2]);
  if (kJudgedSamples[0] / 2 < static_cast<std::int64_t>(grid.engines())) throw Error("the grid has too many engines");
  SampledInTurn turn(grid, seed);
  turn.engines(kJudgedSamples[0] / 2);
  turn.networks(kJudgedSamples[1] - turn.samples());
  std::vector<std::vector<nas::Point>> found;
  found.emplace_back(turn.points().begin(), turn.points().begin() + kJudgedSamples[0]);
  found.push_back(turn.points());
  turn.all_networks();
  found.push_back(turn.points());
  return found;
}

// The most that any such sequence can find which chooses the engine again for its best network: every engine under the
// default network, every network on the best of them, every engine under the best of those, and every network on that.
// The same whatever the samples, which are more than any budget here.
inline std::vector<std::vector<nas::Point>> engine_chosen_again(const EngineGrid& grid, std::uint64_t seed) {
  SampledInTurn turn(grid, seed);
  for (int round = 0; round < 2; ++round) {
    turn.engines(static_cast<std::int64_t>(grid.engines()));
    turn.all_networks();
  }
  return std::vector<std::vector<nas::Point>>(std::size(kJudgedSamples), turn.points());
}

// Shares after 100, 200 and 400 samples, means over seeds; how often the joint search is ahead of each sequence, paired
// by seed, and the one-sided chance of that where neither is better.
inline nlohmann::ordered_json judge_search(const EngineGrid& grid, int seeds) {
  using Json = nlohmann::ordered_json;
  constexpr std::size_t kBudgets = std::size(kJudgedSamples);
  using Shares = std::array<std::vector<double>, kBudgets>;
  std::map<std::string, Shares> shares;
  const auto each = [&](const std::string& name, const std::function<void(std::uint64_t, Shares&)>& run) {
    Shares& of = shares[name];
    for (std::vector<double>& column : of) column.assign(static_cast<std::size_t>(seeds), 0.0);
    for_each_seed(seeds, [&](std::uint64_t seed) { run(seed, of); });
  };
  const std::string shipped = nas::algorithms().front().name;
  for (const std::string& algorithm : {shipped, std::string("nsga2"), std::string("random")}) {
    each(algorithm, [&](std::uint64_t seed, Shares& of) {
      GridProblem problem(grid);
      search_grid(problem, algorithm, seed, kJudgedSamples[kBudgets - 1]);
      for (std::size_t b = 0; b < kBudgets; ++b) {
        const auto end = problem.points.begin() + kJudgedSamples[b];
        of[b][seed - 1] = grid.share({problem.points.begin(), end});
      }
    });
  }
  const std::map<std::string, std::vector<std::vector<nas::Point>> (*)(const EngineGrid&, std::uint64_t)> sequences = {
      {"engine_then_network", engine_then_network}, {"engine_chosen_again", engine_chosen_again}};
  for (const auto& [name, run] : sequences) {
    each(name, [&, sequence = run](std::uint64_t seed, Shares& of) {
      const std::vector<std::vector<nas::Point>> found = sequence(grid, seed);
      for (std::size_t b = 0; b < kBudgets; ++b) of[b][seed - 1] = grid.share(found[b]);
    });
  }
  Json out;
  out["designs"] = grid.designs();
  out["front"] = grid.front_size();
  out["reference_point"] = grid.reference();
  out["seeds"] = seeds;
  out["engine_then_network_of_400"] = "every network on its engine: the most that it can find";
  out["engine_chosen_again"] = "every network on each of its two engines: the most that it can find";
  for (std::size_t b = 0; b < kBudgets; ++b) {
    Json& row = out["samples"][std::to_string(kJudgedSamples[b])];
    for (const auto& [name, of] : shares) {
      row[name] = {{"mean", mean(of[b])}, {"least", *std::min_element(of[b].begin(), of[b].end())}};
    }
    for (const auto& [name, run] : sequences) {
      std::vector<double> ahead;
      for (std::size_t s = 0; s < static_cast<std::size_t>(seeds); ++s) {
        ahead.push_back(shares[shipped][b][s] - shares[name][b][s]);
      }
      row["joint_against_" + name] = {
          {"ahead", std::count_if(ahead.begin(), ahead.end(), [](double d) { return d > 0; })},
          {"p", signed_rank_chance(ahead)}};
    }
  }
  return out;
}

}  // namespace lanewise
