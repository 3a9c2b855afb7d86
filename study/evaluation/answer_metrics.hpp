// SPDX-License-Identifier: Apache-2.0
// What an answer says about a design in the terms of objectives and limits.
#pragma once

#include "nas/metric.hpp"
#include "study/evaluation/network_answer.hpp"

namespace lanewise::study {

// Every metric but the accuracy, which no answer knows and which stays NaN.
nas::Metrics metrics_of(const Totals& total);

}  // namespace lanewise::study
