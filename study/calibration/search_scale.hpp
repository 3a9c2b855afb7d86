// SPDX-License-Identifier: Apache-2.0
// The scale that parameter values are searched on, and the values that a key can have. Private to parameter_search.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "study/calibration/parameter_search.hpp"

namespace lanewise::study {

inline constexpr double kProbe = 1.05;  // ratio of a step that slopes are taken over

// log(value + unit).
double coordinate(const SearchKey& key, double value);
// The value that the key can have nearest to a coordinate. Numbers that need not be whole have four significant digits.
double value_at(const SearchKey& key, double coordinate);
// `value` changed by a ratio, and by the smallest step at least; the value itself where its range ends there.
double stepped(const SearchKey& key, double value, double ratio);
// The neighbour above or below; of a number that need not be whole, 1 % away.
double next_value(const SearchKey& key, double value, bool up);
// What counts as a small difference near 0: one for whole numbers, a cycle of the clock for times, a tenth of a cycle
// for numbers; 0 for keys that cannot be 0.
double smallest_unit(const engine::EngineConfig& engine, const engine::NumericParameter& parameter);
// Whether the key is a time: then its engine sees whole cycles of it.
bool is_time(const engine::NumericParameter& parameter);

}  // namespace lanewise::study
