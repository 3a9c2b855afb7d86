// SPDX-License-Identifier: Apache-2.0
// What a person wants of a sweep's rows: read, checked and carried out.
#pragma once

#include <string>
#include <vector>

#include "study/evaluation/sweep_table.hpp"

namespace lanewise::study {

// Of "latency_ms,energy_uj" ("": the default), of limits, of "latency_ms" or "latency_ms:desc" ("": none). Throws Error
// naming the text and the rule, also for a metric that no sweep knows: accuracy.
SweepWishes parse_wishes(const std::string& objectives, const std::vector<std::string>& limits,
                         const std::string& order);

// The limits against a row that has run. `baseline` is needed where one of them is a factor of it.
std::vector<LimitCheck> check_limits(const SweepRow& row, const std::vector<nas::Limit>& limits,
                                     const nas::Metrics& baseline);

// Marks the rows of the table, whose limits are checked, orders them and leaves out what is beyond `top`. `of_network`
// is how many rows there are of each network at each of its sizes, and `of_network_in_all` of each network.
void carry_out(SweepTable& table, std::size_t of_network, std::size_t of_network_in_all);

}  // namespace lanewise::study
