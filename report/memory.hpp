// SPDX-License-Identifier: Apache-2.0
// Where a network's tensors are stored between subgraphs, as people and programs read it. docs/cli.md explains every
// field.
#pragma once

#include <string>

#include "study/evaluation/memory_answer.hpp"

namespace lanewise::report {

std::string to_json(const study::MemoryAnswer& answer);
// Totals, a table and a map of the banks by subgraph, a table of the tensors.
std::string to_text(const study::MemoryAnswer& answer);
// One row per tensor.
std::string to_csv(const study::MemoryAnswer& answer);

}  // namespace lanewise::report
