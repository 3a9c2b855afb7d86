// SPDX-License-Identifier: Apache-2.0
// What capacity is worth: designs near the best that keep the bounds on capacity, the prices of MACs and parameters at
// which they are best, and so what a value of a gene costs beside what other genes would give for it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "nas/space/gene.hpp"
#include "study/curation/curated_costs.hpp"

namespace lanewise::study {

// Designs further from the best than this are of another league: nobody would go there.
inline constexpr double kNear = 1.03;

// A gene that may change, with the values that it may take.
struct OpenGene {
  std::size_t gene = 0;
  std::vector<int> values;
};

struct CapacityPrices {
  double mac = 0, parameter = 0;  // cycles each
};

struct WorkingPoint {
  nas::Genotype genotype;
  LocalSize size;  // of the whole network
  CapacityPrices prices;
};

// Goes from each start by coordinate descent: gene after gene takes the value of least cycles minus capacity at its
// price; after each round prices rise where capacity falls short of the bound and fall where there is more than enough
// (a Lagrangian relaxation, Everett 1963). Then changes of one gene or two at once are tried, those that promise most
// first, as long as one makes the design faster within the bounds. `macs` and `parameters`: at least so many, 0: no
// bound. The best designs that keep the bounds, at most one for each start, the best first; none where no start led to
// one.
std::vector<WorkingPoint> working_points(CuratedCosts& costs, const std::vector<OpenGene>& genes,
                                         const std::vector<nas::Genotype>& starts, std::int64_t macs,
                                         std::int64_t parameters, const Progress& progress);

// A value that a gene keeps while the others change.
struct FixedValue {
  std::size_t gene = 0;
  int value = 0;
};

// For each of the values the best design with it that is met on the way from the best of `points`, which must not be
// empty, with the value put in its place; none where no design that keeps the bounds is met.
std::vector<std::optional<WorkingPoint>> best_with(CuratedCosts& costs, const std::vector<OpenGene>& genes,
                                                   const std::vector<WorkingPoint>& points,
                                                   const std::vector<FixedValue>& fixed, std::int64_t macs,
                                                   std::int64_t parameters, const Progress& progress);

// By how much each of the values makes the design worse than the best of them at the prices, as a share of the design's
// cycles; of the prices a fifth lower, as they are and a quarter higher the least. Infinite where it cannot run.
std::vector<double> regrets(CuratedCosts& costs, const OpenGene& gene, const WorkingPoint& point,
                            const Progress& progress);

}  // namespace lanewise::study
