// SPDX-License-Identifier: Apache-2.0
// Private to this module's sources: what the renderings of a sweep share.
#pragma once

#include <string>
#include <vector>

#include "study/evaluation/sweep_table.hpp"

namespace lanewise::report {

// Whether an estimator answered.
bool estimated(const study::SweepTable& table);
// The varied keys, in order.
std::vector<std::string> setting_names(const study::SweepTable& table);
// The metrics that objectives, limits and order name beside those that rows always show, each once.
std::vector<nas::Metric> wished(const study::SweepWishes& wishes);

}  // namespace lanewise::report
