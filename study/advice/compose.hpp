// SPDX-License-Identifier: Apache-2.0
// Which changes to take together: a search for the least latency within limits, from what each change does by itself.
//
// At each point all single changes are priced. Were their effects to add up, the best set of them would be the solution
// of a multiple-choice knapsack problem (one value for each gene, latency as cost, limits as knapsacks), which Lagrange
// multipliers on the limits give nearly (Fisher, "The Lagrangian Relaxation Method for Solving Integer Programming
// Problems", Management Science 27, 1981). Effects do not add up: those sets, their better parts, and the pairs of
// changes that look best are priced as they are, the best of all becomes the next point, and so on until none is
// better: a local optimum in which neither a change nor an exchange of two pays.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "nas/design_pricer.hpp"
#include "nas/metric.hpp"
#include "nas/space/gene.hpp"

namespace lanewise::study {

struct ComposeProblem {
  std::vector<nas::Gene> genes;
  // The genotype that stands for all that mean the same design.
  std::function<nas::Genotype(const nas::Genotype&)> canonical;
  // One answer per genotype, in order.
  std::function<std::vector<nas::PricedDesign>(const std::vector<nas::Genotype>&)> price;
  // Whether a gene may take a value other than that of the start.
  std::function<bool(std::size_t gene, int value)> may;
  nas::Genotype start;
  std::vector<nas::Limit> limits;
  nas::Metrics baseline;  // what limits are factors of
};

struct ComposeOptions {
  // A change that saves less than this share of the latency is not worth being told.
  double worth = 0.0005;
  // Genes of which each value begins a search of its own, where their effect on all others is large.
  std::vector<std::size_t> branches;
  std::int64_t evaluations = 60000;  // designs priced at most
  std::size_t pairs = 48;            // priced at each point
  int kicks = 4;                     // how often a search that has ended is disturbed and goes on
  std::uint64_t seed = 1;            // of the disturbances
  std::function<void(std::int64_t evaluations)> progress;
};

struct ComposedDesign {
  nas::Genotype genotype;
  nas::PricedDesign priced;
  double violation = 0;  // of the limits, summed in relative terms; 0: all hold
  int changes = 0;       // genes that differ from the start
};

struct Composition {
  // The best first; where no design keeps the limits, those that miss them by least. Never empty: the start is a
  // design.
  std::vector<ComposedDesign> best;
  std::int64_t evaluations = 0;
};

// The result depends on nothing but problem and options. Throws Error where the start cannot be priced.
Composition compose(const ComposeProblem& problem, const ComposeOptions& options = {}, std::size_t wanted = 16);

}  // namespace lanewise::study
