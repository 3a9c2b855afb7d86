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
    double most = -1;
    const double all = nas::hypervolume(problem.points, grid_.reference());
    std::vector<nas::Evaluation> evaluations;
    for (const nas::Point& point : problem.points) evaluations.push_back({point, 0});
    for (const std::size_t i : nas::pareto_front(evaluations)) {
      std::vector<nas::Point> others = problem.points;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      const double lost = all - nas::hypervolume(others, grid_.reference());
      if (lost > most) most = lost, network_ = problem.asked[i];
    }
  }

 private:
  void run(GridProblem& problem, std::int64_t samples) {
    if (samples < 1) return;
    search_grid(problem, nas::algorithms().front().name, seed_, samples);
    points_.insert(points_.end(), problem.points.begin(), problem.points.end());
  }

  const EngineGrid& grid_;
  std::uint64_t seed_;
  nas::Genotype engine_, network_;  // whole genotypes, of which one half is looked at
  std::vector<nas::Point> points_;
};

// Half of the samples, or as many as there are engines, for the engine under the default network; the rest for networks
// on it.
inline std::vector<nas::Point> engine_then_network(const EngineGrid& grid, std::uint64_t seed, std::int64_t samples) {
  SampledInTurn turn(grid, seed);
  turn.engines(samples / 2);
  turn.networks(samples - static_cast<std::int64_t>(turn.points().size()));
  return turn.points();
}

// The same in quarters, with the engine chosen again for the best network.
inline std::vector<nas::Point> engine_chosen_again(const EngineGrid& grid, std::uint64_t seed, std::int64_t samples) {
  SampledInTurn turn(grid, seed);
  turn.engines(samples / 4);
  turn.networks(samples / 4);
  turn.engines(samples / 4);
  turn.networks(samples - static_cast<std::int64_t>(turn.points().size()));
  return turn.points();
}

// Shares after 100, 200 and 400 samples, means over seeds; how often the joint search is ahead of each sequence, paired by
// seed, and the one-sided chance of that where neither is better.
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
  const std::map<std::string, std::vector<nas::Point> (*)(const EngineGrid&, std::uint64_t, std::int64_t)> sequences = {
      {"engine_then_network", engine_then_network}, {"engine_chosen_again", engine_chosen_again}};
  for (const auto& [name, run] : sequences) {
    each(name, [&, sequence = run](std::uint64_t seed, Shares& of) {
      for (std::size_t b = 0; b < kBudgets; ++b) {
        of[b][seed - 1] = grid.share(sequence(grid, seed, kJudgedSamples[b]));
      }
    });
  }
  Json out;
  out["designs"] = grid.designs();
  out["front"] = grid.front_size();
  out["reference_point"] = grid.reference();
  out["seeds"] = seeds;
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
      row["joint_against_" + name] = {{"ahead", std::count_if(ahead.begin(), ahead.end(), [](double d) { return d > 0; })},
                                      {"p", signed_rank_chance(ahead)}};
    }
  }
  return out;
}

}  // namespace lanewise
