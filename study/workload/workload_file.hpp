// SPDX-License-Identifier: Apache-2.0
// A workload as a file: workloads/*.yaml. docs/workloads.md explains every key.
#pragma once

#include <string>
#include <vector>

#include "study/workload/workload.hpp"

namespace lanewise::study {

// Reads and validates a workload file. Networks and engines that it names are looked for beside it, and then as bare
// names of models/ and hwconfigs/. Throws Error naming file, line, key, value and rule. Neither networks nor engines
// are read.
Workload load_workload(const std::string& path);

// Whether a YAML file means to be a workload and no engine, space or campaign: it has a section `networks` of sections.
// True for one that nothing can be read of: whoever loads it says why.
bool is_workload_file(const std::string& path);

// The keys of the format, with `NAME` for the names that a person gives.
std::vector<std::string> workload_keys();

}  // namespace lanewise::study
