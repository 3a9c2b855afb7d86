// SPDX-License-Identifier: Apache-2.0
// A subgraph on an engine as the JSON that a person's program reads (docs/external_measurement.md,
// docs/schema/external/subgraph.json).
#pragma once

#include <string>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"

namespace lanewise::study {

struct SubgraphFiles {
  std::string folder, json, onnx, answer;  // absolute paths; `onnx` is "" where there is no such file
  std::string no_onnx;                     // then why
};

std::string subgraph_json(const mapping::Subgraph& subgraph, const engine::EngineConfig& engine,
                          const SubgraphFiles& files);

}  // namespace lanewise::study
