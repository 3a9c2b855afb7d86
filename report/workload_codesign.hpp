// SPDX-License-Identifier: Apache-2.0
// What a search for designs that run a workload found.
#pragma once

#include <string>

#include "study/codesign/workload_codesign.hpp"

namespace lanewise::report {

std::string to_json(const study::WorkloadCodesignResult& result, const study::WorkloadJob& job);
std::string to_text(const study::WorkloadCodesignResult& result, const study::WorkloadJob& job);
// Every design in the order in which it was priced, and those of the front alone.
std::string history_csv(const study::WorkloadCodesignResult& result, const study::WorkloadJob& job);
std::string front_csv(const study::WorkloadCodesignResult& result, const study::WorkloadJob& job);

}  // namespace lanewise::report
