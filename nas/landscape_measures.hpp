// SPDX-License-Identifier: Apache-2.0
// How rugged a landscape of costs is: pure numbers, whatever the costs are of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lanewise::nas {

// Steps between neighbours, each taken towards fewer FLOPs.
struct StepCounts {
  std::int64_t steps = 0;   // between neighbours of different FLOPs, of which the cost
  std::int64_t rising = 0;  //   rises while FLOPs fall
  std::int64_t steep = 0;   //   rises by more than a hundredth, of those
  std::int64_t level = 0;   // between neighbours of equal FLOPs: no step of the share
  double worst = 0;         // the most by which a step raises the cost, as a share of it
  double share() const { return steps > 0 ? static_cast<double>(rising) / static_cast<double>(steps) : 0; }
  double steep_share() const { return steps > 0 ? static_cast<double>(steep) / static_cast<double>(steps) : 0; }
};
// Counts one pair of neighbours, in either order. Costs must be finite and above 0. By how much the step raises the
// cost, as a share of it; 0 where it does not, or the FLOPs are equal.
double count_step(double flops_a, double cost_a, double flops_b, double cost_b, StepCounts& counts);

// How far a walk remembers its cost.
struct Autocorrelation {
  // By lag from 0 on, of all walks together, about their common mean: the sum over pairs that far apart over their
  // number, by the variance. Empty where no two costs differ.
  std::vector<double> by_lag;
  // -1 / ln of that of lag 1 (Weinberger, 1990), in steps: exact for a walk whose memory fades exponentially. 0 where
  // lag 1 has none above 0; infinite where it has 1.
  double length = 0;
  // The first lag with less than 1/e; 0: there is none among those asked for.
  std::int64_t first_below = 0;
};
// Walks may differ in length; each must be finite. `most_lag`: how far to look.
Autocorrelation autocorrelation(const std::vector<std::vector<double>>& walks, std::size_t most_lag);

// Per point its neighbours; a point's neighbours have it as theirs.
using Adjacency = std::vector<std::vector<std::size_t>>;
// Neighbours along one axis of a grid of `columns` x `rows` points, row by row.
Adjacency grid_neighbours(std::size_t columns, std::size_t rows);
// The points without a cheaper neighbour. Neighbours of equal cost are one: of such a plateau that is a minimum the
// first point stands for all. Points whose cost is NaN are no points.
std::vector<std::size_t> local_minima(const std::vector<double>& costs, const Adjacency& neighbours);

// What several searches say together.
struct Spread {
  double least = 0, tenth = 0, median = 0, ninetieth = 0, most = 0;  // quantiles, between neighbours by straight line
  double mean = 0, deviation = 0;  // of the values as a sample: by their number less one
  // From the tenth to the ninetieth hundredth, as a share of the median.
  double relative() const { return median > 0 ? (ninetieth - tenth) / median : 0; }
};
// All 0 where there are none.
Spread spread_of(std::vector<double> values);
// The value below which `share` of all lie, between neighbours by straight line; infinite ones may be among them.
double quantile_of(std::vector<double> values, double share);

// How many samples a search takes until its best is at most `target`: `best` after each sample. 0: it fails.
std::int64_t samples_to(const std::vector<double>& best, double target);

}  // namespace lanewise::nas
