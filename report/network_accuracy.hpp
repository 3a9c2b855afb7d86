// SPDX-License-Identifier: Apache-2.0
// The accuracy of an estimator on whole networks, as people and programs read it.
#pragma once

#include <string>

#include "estimator/network_report.hpp"
#include "report/json.hpp"

namespace lanewise::report {

// {"networks", "engines", "latency": {"within_5_percent", "within_10_percent", "median_error_percent",
// "worst_error_percent"}, "energy", "peak_sram_bytes", "intervals": [{"level", "covered_percent", …}]}; targets that
// were not compared are left out.
Json network_accuracy_json(const estimator::NetworkAccuracy& accuracy);
// {"held_out", "left_out", "families": [{"name", "members", "held_out", "left_out"}]}
Json network_report_json(const estimator::NetworkReport& report);
// A table by family; "" for an empty report.
std::string network_report_text(const estimator::NetworkReport& report);

// What is known of the errors of networks like the one that is asked about.
Json networks_like_json(const estimator::NetworksLikeThis& like);
// "networks of family resnet (resnet18, resnet50) on engines held out: within 10 % 98 %, median 1.3 %, worst 14 %
// (60 on 40 engines); 90 % intervals held 89 %"
std::string to_text(const estimator::NetworksLikeThis& like);

}  // namespace lanewise::report
