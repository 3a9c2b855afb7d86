// SPDX-License-Identifier: Apache-2.0
#include "study/curation/trades.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace lanewise::study {
namespace {

constexpr int kRounds = 10;
constexpr double kNever = std::numeric_limits<double>::infinity();
// Working points further from the best than this are of another league: nobody would go there.
constexpr double kNear = 1.1;

double score(const LocalSize& size, const CapacityPrices& prices) {
  return static_cast<double>(size.cycles) - prices.mac * static_cast<double>(size.macs) -
         prices.parameter * static_cast<double>(size.parameters);
}

std::vector<nas::Genotype> with_values(const nas::Genotype& at, const OpenGene& gene) {
  std::vector<nas::Genotype> out;
  for (const int value : gene.values) {
    out.push_back(at);
    out.back()[gene.gene] = value;
  }
  return out;
}

// A price moves by the square of what is missing or too much, at most by half or double in a round.
double moved(double price, std::int64_t have, std::int64_t least) {
  if (least == 0 || have == 0) return price;
  const double ratio = static_cast<double>(least) / static_cast<double>(have);
  return price * std::clamp(ratio * ratio, 0.5, 2.0);
}

struct Walk {
  nas::Genotype at;
  CapacityPrices prices;
  std::optional<WorkingPoint> best;
};

}  // namespace

std::vector<WorkingPoint> working_points(CuratedCosts& costs, const std::vector<OpenGene>& genes,
                                         const std::vector<nas::Genotype>& starts, std::int64_t macs,
                                         std::int64_t parameters, const Progress& progress) {
  std::vector<Walk> walks;
  const std::vector<const PricedNetwork*> first = costs.price(starts, progress);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (!first[i]->failure.empty()) continue;
    // At half of what capacity costs on average a start prefers less of it, and is told otherwise round by round.
    const LocalSize size = whole_size(*first[i]);
    Walk walk;
    walk.at = starts[i];
    if (macs > 0 && size.macs > 0) walk.prices.mac = 0.5 * static_cast<double>(size.cycles) / static_cast<double>(size.macs);
    if (parameters > 0 && size.parameters > 0) {
      walk.prices.parameter = 0.25 * static_cast<double>(size.cycles) / static_cast<double>(size.parameters);
    }
    walks.push_back(std::move(walk));
  }
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t g = 0; g < genes.size(); ++g) {
      progress("weighing trades", static_cast<std::int64_t>(round) * static_cast<std::int64_t>(genes.size()) +
                                      static_cast<std::int64_t>(g),
               kRounds * static_cast<std::int64_t>(genes.size()));
      std::vector<nas::Genotype> asked;
      for (const Walk& walk : walks) {
        for (nas::Genotype& genotype : with_values(walk.at, genes[g])) asked.push_back(std::move(genotype));
      }
      const std::vector<const PricedNetwork*> answers = costs.price(asked, {{}, progress.stopped});
      std::size_t next = 0;
      for (Walk& walk : walks) {
        double least = kNever;
        int chosen = walk.at[genes[g].gene];
        for (const int value : genes[g].values) {
          const PricedNetwork& network = *answers[next++];
          if (!network.failure.empty()) continue;
          const LocalSize size = whole_size(network);
          const double here = score(size, walk.prices);
          if (size.macs >= macs && size.parameters >= parameters &&
              (!walk.best || size.cycles < walk.best->size.cycles)) {
            walk.best = WorkingPoint{walk.at, size, walk.prices};
            walk.best->genotype[genes[g].gene] = value;
          }
          if (here < least || (here == least && value == walk.at[genes[g].gene])) {
            least = here;
            chosen = value;
          }
        }
        walk.at[genes[g].gene] = chosen;
      }
    }
    for (Walk& walk : walks) {
      const LocalSize size = whole_size(*costs.price({walk.at}, {{}, progress.stopped}).front());
      walk.prices.mac = moved(walk.prices.mac, size.macs, macs);
      walk.prices.parameter = moved(walk.prices.parameter, size.parameters, parameters);
    }
  }
  std::vector<WorkingPoint> points;
  for (Walk& walk : walks) {
    if (walk.best) points.push_back(std::move(*walk.best));
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const WorkingPoint& a, const WorkingPoint& b) { return a.size.cycles < b.size.cycles; });
  while (!points.empty() && static_cast<double>(points.back().size.cycles) >
                                kNear * static_cast<double>(points.front().size.cycles)) {
    points.pop_back();
  }
  return points;
}

std::vector<double> regrets(CuratedCosts& costs, const OpenGene& gene, const WorkingPoint& point,
                            const Progress& progress) {
  const std::vector<const PricedNetwork*> answers = costs.price(with_values(point.genotype, gene), progress);
  std::vector<double> least(answers.size(), kNever);
  for (const double factor : {0.5, 1.0, 2.0}) {
    const CapacityPrices prices{factor * point.prices.mac, factor * point.prices.parameter};
    double best = kNever;
    for (const PricedNetwork* answer : answers) {
      if (answer->failure.empty()) best = std::min(best, score(whole_size(*answer), prices));
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]->failure.empty()) continue;
      const double regret = (score(whole_size(*answers[i]), prices) - best) / static_cast<double>(point.size.cycles);
      least[i] = std::min(least[i], regret);
    }
  }
  return least;
}

}  // namespace lanewise::study
