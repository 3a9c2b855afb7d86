// SPDX-License-Identifier: Apache-2.0
// How far measured rows of one and the same layer lie apart: no model that gives equal layers equal answers can be
// nearer.
#pragma once

#include <cstdint>
#include <vector>

#include "study/calibration/measured_rows.hpp"

namespace lanewise::study {

// Of rows that share shape and engine with another row.
struct Repeatability {
  std::int64_t rows = 0, shapes = 0;  // rows that repeat, and how many different layers they are
  // The least mean error, in percent of the measured cycles, of answers that are equal for equal layers: over the rows
  // that repeat, and over all rows, of which those without a repetition count as met. 0 where nothing repeats.
  double floor_of_repeats_percent = 0, floor_percent = 0;
  // Standard deviation of a row around the mean of its layer, in log units, pooled over all layers that repeat.
  double scatter = 0;
};

Repeatability repeatability(const MeasuredRows& rows);

// How much each row of `use` says, in file order, above 0 and at most 1: the scatter that most layers have over that of
// the row's own layer. A layer's own scatter counts as if the pooled one had been seen twice besides, so that two rows
// that happen to agree, or not, weigh little. All 1 where repetitions agree, or where nothing repeats.
std::vector<double> repeatability_weights(const MeasuredRows& rows, const std::vector<bool>& use);

}  // namespace lanewise::study
