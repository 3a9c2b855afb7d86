// SPDX-License-Identifier: Apache-2.0
// Nonlinear least squares over engine parameters: the values with which a model's answers come nearest to measured
// ones.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::study {

// One parameter that is searched for; values in the unit of engine::numeric_value.
struct SearchKey {
  std::string key;
  double start = 0;          // the description's value: where the search starts, and the centre of the prior
  double low = 0, high = 0;  // the range, both ends included
  bool whole = false;        // only whole numbers are valid
  // The search works on log(value + unit): by ratios for large values, by differences for values near 0.
  double unit = 0;
  double grid = 0;  // valid values are multiples of this; 0: no grid besides that of whole numbers
  // Of a key that may be off by orders of magnitude: values that the search may begin at instead of the description's,
  // and the standard deviation of its prior in log units; 0: that of the settings.
  std::vector<double> beginnings = {};
  double spread = 0;
};
// The search keys for `keys`, starting at the values of `engine`. What a launch takes, which descriptions of hardware
// say nothing of, may be off by orders of magnitude. Throws Error as engine::numeric_parameter does.
std::vector<SearchKey> search_keys(const engine::EngineConfig& engine, const std::vector<std::string>& keys);

// log(answer / measured) of every row, given one value per key; nullopt where no engine can have these values, or where
// the engine cannot run a row. The number of rows is always the same, and equal values give equal residuals.
using Residuals = std::vector<double>;
using ResidualModel = std::function<std::optional<Residuals>(const std::vector<double>& values)>;

struct SearchSettings {
  // Standard deviation of the prior around the description, in log units.
  double prior_spread = 0.4;
  // Lower bound on the scatter of rows, in log units. Residuals count quadratically below 1.345 times the scatter and
  // linearly above (Huber, 1964); the scatter is estimated from the median of the absolute residuals (1.4826 MAD:
  // Rousseeuw and Croux, 1993).
  double least_noise = 0.001;
  // Multi-start: factors on every key of the description at once that searches start from. After one round the best
  // goes on alone.
  std::vector<double> beginnings = {1, 1.5, 1 / 1.5};
  // Further beginnings: factors by which single keys may be off. They are looked for key by key, twice, from the
  // description and from each of `points`; empty: none.
  std::vector<double> single_factors = {};
  // Whole beginnings, one value per key each.
  std::vector<std::vector<double>> points = {};
  // How much each row says, above 0 and at most 1: its residual counts as so much of it. Empty: all 1.
  std::vector<double> weights = {};
};

struct SearchOutcome {
  std::vector<double> values;    // one per key, in the order of the keys
  Residuals before, after;       // at the start, and at the values found
  double noise = 0;              // estimated scatter of the rows, in log units
  std::int64_t evaluations = 0;  // of the model
};

// Minimises robust squared residuals plus the squared distance from the description: Levenberg-Marquardt steps
// (Marquardt, 1963) with a finite-difference Jacobian alternate with line searches along single keys until neither
// improves the objective. A value whose change improves the objective by less than 0.5 is reset to the description's.
// Needs no derivatives and draws no random numbers. Throws Error when the model has no answer at the start.
SearchOutcome search_parameters(const std::vector<SearchKey>& keys, const ResidualModel& model,
                                const SearchSettings& settings);

// The mean of |exp(residual) - 1|, in percent; NaN without residuals.
double mean_error_percent(const Residuals& residuals);

}  // namespace lanewise::study
