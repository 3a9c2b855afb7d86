// SPDX-License-Identifier: Apache-2.0
// Where a network's tensors live between the subgraphs of an engine. docs/cli.md explains every field.
#pragma once

#include <string>

#include "study/evaluation/memory_answer.hpp"

namespace lanewise::report {

std::string to_json(const study::MemoryAnswer& answer);
// Totals, a table and a map of the banks by subgraph, a table of the tensors.
std::string to_text(const study::MemoryAnswer& answer);
// A row a tensor.
std::string to_csv(const study::MemoryAnswer& answer);

}  // namespace lanewise::report
