// SPDX-License-Identifier: Apache-2.0
#include "study/advice/knapsack.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace lanewise::study {
namespace {

constexpr int kSteps = 200;         // of the multipliers
constexpr double kFirstStep = 4.0;  // in cost for each unit of room
constexpr double kOverfull = 3.0;   // what a unit too much costs in the ranking of sets
constexpr double kTiny = 1e-12;

class Solver {
 public:
  Solver(const std::vector<KnapsackChoice>& choices, const std::vector<double>& room) : choices_(choices), room_(room) {
    std::map<std::size_t, std::size_t> place;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const auto [found, is_new] = place.emplace(choices[i].group, groups_.size());
      if (is_new) groups_.emplace_back();
      groups_[found->second].push_back(i);
    }
  }

  // Subgradient steps on the multipliers; each gives a set, which is then made locally best.
  std::vector<std::vector<std::size_t>> sets(std::size_t wanted) {
    std::vector<double> multipliers(room_.size(), 0);
    for (int step = 0; step < kSteps; ++step) {
      const std::vector<std::size_t> taken = cheapest(multipliers);
      std::vector<double> over = used(taken);
      for (std::size_t k = 0; k < over.size(); ++k) over[k] -= room_[k];
      keep(taken);
      keep(improved(taken));
      for (std::size_t k = 0; k < over.size(); ++k) {
        multipliers[k] = std::max(0.0, multipliers[k] + kFirstStep / (1 + step) * over[k] * 4);
      }
    }
    std::vector<std::vector<std::size_t>> out;
    for (const auto& [rank, taken] : ranked_) {
      if (out.size() == wanted) break;
      out.push_back(taken);
    }
    return out;
  }

 private:
  const std::vector<KnapsackChoice>& choices_;
  const std::vector<double>& room_;
  std::vector<std::vector<std::size_t>> groups_;
  std::set<std::pair<double, std::vector<std::size_t>>> ranked_;

  std::vector<double> used(const std::vector<std::size_t>& taken) const {
    std::vector<double> sum(room_.size(), 0);
    for (const std::size_t i : taken) {
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += choices_[i].uses[k];
    }
    return sum;
  }

  double rank(const std::vector<std::size_t>& taken) const {
    double cost = 0;
    for (const std::size_t i : taken) cost += choices_[i].cost;
    const std::vector<double> sum = used(taken);
    for (std::size_t k = 0; k < sum.size(); ++k) cost += kOverfull * std::max(0.0, sum[k] - room_[k]);
    return cost;
  }

  void keep(const std::vector<std::size_t>& taken) {
    if (!taken.empty()) ranked_.emplace(rank(taken), taken);
  }

  std::vector<std::size_t> cheapest(const std::vector<double>& multipliers) const {
    std::vector<std::size_t> taken;
    for (const auto& group : groups_) {
      double best = -kTiny;
      std::ptrdiff_t choice = -1;
      for (const std::size_t i : group) {
        double cost = choices_[i].cost;
        for (std::size_t k = 0; k < multipliers.size(); ++k) cost += multipliers[k] * choices_[i].uses[k];
        if (cost < best) {
          best = cost;
          choice = static_cast<std::ptrdiff_t>(i);
        }
      }
      if (choice >= 0) taken.push_back(static_cast<std::size_t>(choice));
    }
    std::sort(taken.begin(), taken.end());
    return taken;
  }

  // Changes the choice of one group at a time as long as that ranks better.
  std::vector<std::size_t> improved(const std::vector<std::size_t>& taken) const {
    constexpr std::ptrdiff_t kNothing = -1;
    std::vector<std::ptrdiff_t> choice(groups_.size(), kNothing);
    std::vector<double> sum = used(taken);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (const std::size_t i : groups_[g]) {
        if (std::binary_search(taken.begin(), taken.end(), i)) choice[g] = static_cast<std::ptrdiff_t>(i);
      }
    }
    const auto over = [&](std::size_t k, double change) { return std::max(0.0, sum[k] + change - room_[k]); };
    const auto cost_of = [&](std::ptrdiff_t i) { return i < 0 ? 0 : choices_[static_cast<std::size_t>(i)].cost; };
    const auto use_of = [&](std::ptrdiff_t i, std::size_t k) {
      return i < 0 ? 0 : choices_[static_cast<std::size_t>(i)].uses[k];
    };
    constexpr int kMostPasses = 100;
    for (int pass = 0; pass < kMostPasses; ++pass) {
      double best = -1e-9;
      std::size_t group = 0;
      std::ptrdiff_t other = kNothing;
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const auto try_choice = [&](std::ptrdiff_t i) {
          if (i == choice[g]) return;
          double change = cost_of(i) - cost_of(choice[g]);
          for (std::size_t k = 0; k < sum.size(); ++k) {
            change += kOverfull * (over(k, use_of(i, k) - use_of(choice[g], k)) - over(k, 0));
          }
          if (change >= best) return;
          best = change;
          group = g;
          other = i;
        };
        try_choice(kNothing);
        for (const std::size_t i : groups_[g]) try_choice(static_cast<std::ptrdiff_t>(i));
      }
      if (best >= -1e-9) break;
      for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += use_of(other, k) - use_of(choice[group], k);
      choice[group] = other;
    }
    std::vector<std::size_t> out;
    for (const std::ptrdiff_t i : choice) {
      if (i >= 0) out.push_back(static_cast<std::size_t>(i));
    }
    std::sort(out.begin(), out.end());
    return out;
  }
};

}  // namespace

std::vector<std::vector<std::size_t>> solve_knapsack(const std::vector<KnapsackChoice>& choices,
                                                     const std::vector<double>& room, std::size_t wanted) {
  if (choices.empty()) return {};
  return Solver(choices, room).sets(wanted);
}

}  // namespace lanewise::study
