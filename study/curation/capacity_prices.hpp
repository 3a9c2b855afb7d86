// SPDX-License-Identifier: Apache-2.0
// What capacity costs across the genes of a space, and which values offer it too dear. A value that no other of its own
// gene dominates may still be one that nobody would choose, since another gene offers the same capacity for less.
#pragma once

#include <vector>

#include "nas/space/space.hpp"
#include "study/curation/curated_costs.hpp"
#include "study/curation/curation.hpp"

namespace lanewise::study {

// How a value changes the whole network against the default of its gene: natural logarithms of ratios.
struct RelativeSize {
  double cycles = 0, macs = 0, parameters = 0;
};
// Latency that capacity is worth: by how much of itself a network may become slower for having so much more.
struct LogPrices {
  double macs = 0, parameters = 0;
  // What a value takes of the latency once its capacity is paid for.
  double net(const RelativeSize& size) const { return size.cycles - macs * size.macs - parameters * size.parameters; }
};

// The prices at which the cheapest choice of a value for each gene keeps the capacity of the defaults: those that
// maximise the sum over genes of their cheapest value's net latency, the Lagrangian dual of choosing the fastest
// network of no less capacity where the genes' effects multiply (Everett, Generalized Lagrange multiplier method,
// 1963).
LogPrices log_prices(const std::vector<std::vector<RelativeSize>>& genes);

// Takes from `curation` what the prices make too dear: values that take more of the latency than their gene's cheapest
// by more than a fiftieth, and of values between which the cost would rise while FLOPs fall the dearer one.
void pay_for_capacity(const nas::Space& space, CuratedCosts& costs, const CurationOptions& options,
                      const Progress& progress, Curation& curation);

}  // namespace lanewise::study
