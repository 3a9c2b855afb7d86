// SPDX-License-Identifier: Apache-2.0
// Values of engine keys with which a model's answers come nearest to measured ones, and how well they are known.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"

namespace lanewise::study {

// A number that is searched for, in the unit of engine::numeric_value.
struct SearchKey {
  std::string key;
  double start = 0;          // the description's: what the search begins at and is drawn to
  double low = 0, high = 0;  // both included
  bool whole = false;
  // The search goes by log(value + unit): ratios of large values, differences of values near 0.
  double unit = 0;
  double grid = 0;  // values are multiples of this; 0: any (whole numbers have their own)
};
// Keys as they stand in `engine`. Throws Error as engine::numeric_parameter.
std::vector<SearchKey> search_keys(const engine::EngineConfig& engine, const std::vector<std::string>& keys);

// log(answer / measured) of every row at these values, a value a key; nullopt where no engine can have them or cannot
// run a row. The same number of rows every time, and the same answer for the same values.
using Residuals = std::vector<double>;
using ResidualModel = std::function<std::optional<Residuals>(const std::vector<double>& values)>;

struct SearchSettings {
  // Standard deviation, in log units, with which a description is expected to be off: what draws values to it.
  double prior_spread = 0.4;
  // Log units: what rows scatter by at least. Residuals count squared below 1.345 times the scatter and linearly above
  // (Huber, 1964); the scatter is taken from the residuals' median (Rousseeuw and Croux, 1993: 1.4826 MAD).
  double least_noise = 0.001;
  // Ratios to the description, of every key at once, that searches begin at; the best goes on after a round.
  std::vector<double> beginnings = {1, 1.5, 1 / 1.5};
};

struct SearchOutcome {
  std::vector<double> values;  // a value a key, in the keys' order
  Residuals before, after;     // of the start and of the values found
  double noise = 0;            // log units
  std::int64_t evaluations = 0;
};

// Minimises robust squared residuals and squared distance from the description: Levenberg-Marquardt steps (Marquardt,
// 1963) on differences of the model, then steps along single keys, by turns, until neither helps. Values whose change
// is not worth half a unit of the objective go back to the description. Needs no derivatives and draws no random
// numbers. Throws Error where the model has no answer at the start.
SearchOutcome search_parameters(const std::vector<SearchKey>& keys, const ResidualModel& model,
                                const SearchSettings& settings);

// The mean of |exp(residual) - 1| in percent; NaN of none.
double mean_error_percent(const Residuals& residuals);

}  // namespace lanewise::study
