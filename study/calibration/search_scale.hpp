// SPDX-License-Identifier: Apache-2.0
// The scale that parameter values are searched on, and the values that are valid for a key. Private to
// parameter_search.
#pragma once

#include "core/engine/engine_config.hpp"
#include "core/engine/numeric_parameter.hpp"
#include "study/calibration/parameter_search.hpp"

namespace lanewise::study {

inline constexpr double kProbe = 1.05;  // factor of the finite-difference step

// log(value + unit).
double coordinate(const SearchKey& key, double value);
// The valid value of the key nearest to a coordinate. Numbers that need not be whole are rounded to four significant
// digits.
double value_at(const SearchKey& key, double coordinate);
// `value` times `ratio`, but at least one smallest step away; `value` itself where the range ends there.
double stepped(const SearchKey& key, double value, double ratio);
// The next valid value above or below; 1 % away for a number that need not be whole.
double next_value(const SearchKey& key, double value, bool up);
// SearchKey::unit of a parameter, the size of a small difference near 0: 1 for whole numbers, one clock cycle for
// times, 0.1 for other numbers, 0 for parameters that cannot be 0.
double smallest_unit(const engine::EngineConfig& engine, const engine::NumericParameter& parameter);
// Whether the parameter is a time, which the engine rounds to whole clock cycles.
bool is_time(const engine::NumericParameter& parameter);

}  // namespace lanewise::study
