// SPDX-License-Identifier: Apache-2.0
// Where a network's tensors live between the passes of an engine. docs/cli.md explains every field.
#pragma once

#include <string>
#include <vector>

#include "core/mapping/partition.hpp"

namespace lanewise::report {

struct MemoryAnswer {
  std::string network, engine, tool_version;
  mapping::Partition partition;
};

std::string to_json(const MemoryAnswer& answer);
// Totals, a table and a map of the banks by pass, a table of the tensors.
std::string to_text(const MemoryAnswer& answer);
// A row a tensor.
std::string to_csv(const MemoryAnswer& answer);

}  // namespace lanewise::report
