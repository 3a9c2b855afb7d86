// SPDX-License-Identifier: Apache-2.0
// Where a network's tensors are stored between subgraphs, as plain data. docs/cli.md explains every field.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_identity.hpp"
#include "core/mapping/partition.hpp"

namespace lanewise::study {

struct MemoryAnswer {
  std::string network, engine, tool_version;
  engine::EngineIdentity identity;
  mapping::Partition partition;
};

}  // namespace lanewise::study
