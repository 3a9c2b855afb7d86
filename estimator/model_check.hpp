// SPDX-License-Identifier: Apache-2.0
// What the card of a model file may say. Private to this module.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "estimator/accuracy_report.hpp"
#include "estimator/intervals.hpp"
#include "estimator/network_report.hpp"
#include "estimator/ranges.hpp"

namespace lanewise::estimator {

// Each throws Error naming the first value that no training can have given: counts below 0, shares beyond 100 %,
// options out of their range, ranges that end before they begin.
void require_possible_training(std::int64_t rows, std::int64_t engines, const TrainOptions& options);
void require_possible_ranges(const Ranges& ranges);
void require_possible_reports(const std::map<std::string, SplitReport>& reports, const NetworkReport& networks);
void require_possible_intervals(const Intervals& intervals);

}  // namespace lanewise::estimator
