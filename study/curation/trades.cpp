// SPDX-License-Identifier: Apache-2.0
#include "study/curation/trades.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace lanewise::study {
namespace {

constexpr int kRounds = 12, kFixedRounds = 5;
constexpr std::size_t kFixedStarts = 2;  // for each fixed value the best points
constexpr std::size_t kNoGene = std::numeric_limits<std::size_t>::max();
// Of designs with a fixed value, those no further from the best than this are tried to be improved.
constexpr double kWorthImproving = 1.2;
// Of exchanges of two genes at once so many that promise most are tried, at most so often.
constexpr std::size_t kTriedPairs = 32;
constexpr int kExchanges = 16;
constexpr std::size_t kImproved = 4;  // points that exchanges are tried from, the best ones
constexpr double kNever = std::numeric_limits<double>::infinity();

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

// A price moves by the square of what is missing or too much, at first by half or double at most, later by less.
double moved(double price, std::int64_t have, std::int64_t least, int round) {
  if (least == 0 || have == 0) return price;
  const double ratio = static_cast<double>(least) / static_cast<double>(have);
  const double most = 1 + 2.0 / (2 + round);
  return price * std::clamp(ratio * ratio, 1 / most, most);
}

struct Walk {
  nas::Genotype at;
  CapacityPrices prices;
  std::optional<WorkingPoint> best;
  std::size_t fixed = kNoGene;  // keeps its value
};

// A change of one gene or of two, with what it promises: the sum of what each does alone.
struct Exchange {
  nas::Genotype genotype;
  LocalSize size;
};

// The changes of one gene and of two from the point that promise to keep the bounds and to cost less, the best first.
std::vector<Exchange> exchanges(CuratedCosts& costs, const std::vector<OpenGene>& genes, const WorkingPoint& point,
                                std::int64_t macs, std::int64_t parameters, const Progress& progress) {
  struct Change {
    std::size_t gene = 0;
    int value = 0;
    LocalSize by;
  };
  std::vector<Change> changes;
  std::vector<nas::Genotype> asked;
  for (const OpenGene& gene : genes) {
    for (const int value : gene.values) {
      if (value == point.genotype[gene.gene]) continue;
      changes.push_back({gene.gene, value, {}});
      asked.push_back(point.genotype);
      asked.back()[gene.gene] = value;
    }
  }
  const std::vector<const PricedNetwork*> answers = costs.price(asked, progress);
  std::vector<Change> possible;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (!answers[i]->failure.empty()) continue;
    const LocalSize size = whole_size(*answers[i]);
    changes[i].by = {size.cycles - point.size.cycles, size.macs - point.size.macs,
                     size.parameters - point.size.parameters};
    possible.push_back(changes[i]);
  }
  std::vector<Exchange> found;
  const auto add = [&](const Change& a, const Change* b) {
    LocalSize size{point.size.cycles + a.by.cycles, point.size.macs + a.by.macs,
                   point.size.parameters + a.by.parameters};
    if (b != nullptr) {
      size.cycles += b->by.cycles;
      size.macs += b->by.macs;
      size.parameters += b->by.parameters;
    }
    if (size.cycles >= point.size.cycles || size.macs < macs || size.parameters < parameters) return;
    found.push_back({point.genotype, size});
    found.back().genotype[a.gene] = a.value;
    if (b != nullptr) found.back().genotype[b->gene] = b->value;
  };
  for (std::size_t i = 0; i < possible.size(); ++i) {
    add(possible[i], nullptr);
    for (std::size_t k = i + 1; k < possible.size(); ++k) {
      if (possible[i].gene != possible[k].gene) add(possible[i], &possible[k]);
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Exchange& a, const Exchange& b) { return a.size.cycles < b.size.cycles; });
  if (found.size() > kTriedPairs) found.resize(kTriedPairs);
  return found;
}

// Goes on from a point by exchanges as long as one keeps what it promises.
void improve(CuratedCosts& costs, const std::vector<OpenGene>& genes, WorkingPoint& point, std::int64_t macs,
             std::int64_t parameters, const Progress& progress) {
  const Progress within{{}, progress.stopped};
  for (int i = 0; i < kExchanges; ++i) {
    progress("weighing exchanges", i, kExchanges);
    std::vector<nas::Genotype> asked;
    for (Exchange& exchange : exchanges(costs, genes, point, macs, parameters, within)) {
      asked.push_back(std::move(exchange.genotype));
    }
    const std::vector<const PricedNetwork*> answers = costs.price(asked, within);
    const WorkingPoint before = point;
    for (std::size_t k = 0; k < asked.size(); ++k) {
      if (!answers[k]->failure.empty()) continue;
      const LocalSize size = whole_size(*answers[k]);
      if (size.macs < macs || size.parameters < parameters || size.cycles >= point.size.cycles) continue;
      point.genotype = asked[k];
      point.size = size;
    }
    if (point.size.cycles == before.size.cycles) return;
  }
}

// So many rounds of coordinate descent of each walk, remembering its best design that keeps the bounds.
void go(CuratedCosts& costs, const std::vector<OpenGene>& genes, std::vector<Walk>& walks, int rounds,
        std::int64_t macs, std::int64_t parameters, const Progress& progress) {
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t g = 0; g < genes.size(); ++g) {
      progress(
          "weighing trades",
          static_cast<std::int64_t>(round) * static_cast<std::int64_t>(genes.size()) + static_cast<std::int64_t>(g),
          rounds * static_cast<std::int64_t>(genes.size()));
      std::vector<nas::Genotype> asked;
      for (const Walk& walk : walks) {
        if (walk.fixed == genes[g].gene) continue;
        for (nas::Genotype& genotype : with_values(walk.at, genes[g])) asked.push_back(std::move(genotype));
      }
      const std::vector<const PricedNetwork*> answers = costs.price(asked, {{}, progress.stopped});
      std::size_t next = 0;
      for (Walk& walk : walks) {
        if (walk.fixed == genes[g].gene) continue;
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
      const PricedNetwork& network = *costs.price({walk.at}, {{}, progress.stopped}).front();
      if (!network.failure.empty()) continue;
      const LocalSize size = whole_size(network);
      walk.prices.mac = moved(walk.prices.mac, size.macs, macs, round);
      walk.prices.parameter = moved(walk.prices.parameter, size.parameters, parameters, round);
    }
  }
}

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
    if (macs > 0 && size.macs > 0)
      walk.prices.mac = 0.5 * static_cast<double>(size.cycles) / static_cast<double>(size.macs);
    if (parameters > 0 && size.parameters > 0) {
      walk.prices.parameter = 0.25 * static_cast<double>(size.cycles) / static_cast<double>(size.parameters);
    }
    walks.push_back(std::move(walk));
  }
  go(costs, genes, walks, kRounds, macs, parameters, progress);
  std::vector<WorkingPoint> points;
  for (Walk& walk : walks) {
    if (walk.best) points.push_back(std::move(*walk.best));
  }
  const auto sort = [&] {
    std::stable_sort(points.begin(), points.end(),
                     [](const WorkingPoint& a, const WorkingPoint& b) { return a.size.cycles < b.size.cycles; });
  };
  sort();
  if (points.size() > kImproved) points.resize(kImproved);
  for (WorkingPoint& point : points) improve(costs, genes, point, macs, parameters, progress);
  sort();
  while (!points.empty() &&
         static_cast<double>(points.back().size.cycles) > kNear * static_cast<double>(points.front().size.cycles)) {
    points.pop_back();
  }
  return points;
}

std::vector<std::optional<WorkingPoint>> best_with(CuratedCosts& costs, const std::vector<OpenGene>& genes,
                                                   const std::vector<WorkingPoint>& points,
                                                   const std::vector<FixedValue>& fixed, std::int64_t macs,
                                                   std::int64_t parameters, const Progress& progress) {
  std::vector<Walk> walks;
  const std::size_t each = std::min(kFixedStarts, points.size());
  for (const FixedValue& value : fixed) {
    for (std::size_t i = 0; i < each; ++i) {
      walks.push_back({points[i].genotype, points[i].prices, {}, value.gene});
      walks.back().at[value.gene] = value.value;
    }
  }
  go(costs, genes, walks, kFixedRounds, macs, parameters, progress);
  std::vector<std::optional<WorkingPoint>> best;
  for (std::size_t f = 0; f < fixed.size(); ++f) {
    best.emplace_back();
    for (std::size_t i = 0; i < each; ++i) {
      const Walk& walk = walks[f * each + i];
      if (walk.best && (!best.back() || walk.best->size.cycles < best.back()->size.cycles)) best.back() = walk.best;
    }
    const auto times = [&](double share) { return share * static_cast<double>(points.front().size.cycles); };
    if (!best.back() || static_cast<double>(best.back()->size.cycles) <= times(kNear) ||
        static_cast<double>(best.back()->size.cycles) > times(kWorthImproving)) {
      continue;
    }
    std::vector<OpenGene> others;
    for (const OpenGene& gene : genes) {
      if (gene.gene != fixed[f].gene) others.push_back(gene);
    }
    improve(costs, others, *best.back(), macs, parameters, progress);
  }
  return best;
}

std::vector<double> regrets(CuratedCosts& costs, const OpenGene& gene, const WorkingPoint& point,
                            const Progress& progress) {
  const std::vector<const PricedNetwork*> answers = costs.price(with_values(point.genotype, gene), progress);
  std::vector<double> least(answers.size(), kNever);
  for (const double factor : {0.8, 1.0, 1.25}) {
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
