// SPDX-License-Identifier: Apache-2.0
// The least that a fit has to beat: a roofline of three numbers, fitted to the same rows.
#pragma once

#include <vector>

#include "core/engine/engine_config.hpp"
#include "study/calibration/measured_rows.hpp"
#include "study/calibration/parameter_search.hpp"

namespace lanewise::study {

// cycles = max(MACs / (compute_share · peak), bytes / bytes_per_cycle) + launch_cycles, where peak is what the array
// computes in a cycle in the row's precisions, and bytes are those of the inputs, the weights and the output, each
// moved once (Williams, Waterman and Patterson, 2009, and a constant).
struct RooflineFit {
  double compute_share = 1;    // above 0; above 1 where the description has too few MACs
  double bytes_per_cycle = 1;  // of all DRAM traffic
  double launch_cycles = 0;    // of each row
};

// The three numbers with the least mean error on the rows whose `use` is true, from many beginnings. Deterministic.
// Throws Error where no row is used.
RooflineFit fit_roofline(const engine::EngineConfig& described, const MeasuredRows& rows, const std::vector<bool>& use);
// log(roofline / measured) of every row whose `use` is true, in file order.
Residuals roofline_residuals(const RooflineFit& roofline, const engine::EngineConfig& described,
                             const MeasuredRows& rows, const std::vector<bool>& use);

}  // namespace lanewise::study
