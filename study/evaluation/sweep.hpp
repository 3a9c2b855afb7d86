// SPDX-License-Identifier: Apache-2.0
// Every network on every combination of some engine parameters.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/evaluation/sweep_table.hpp"

namespace lanewise::study {

struct Axis {
  std::string key;
  std::vector<std::string> values;
};
// "KEY=v1,v2,…". Throws Error naming the text unless it has a key and values without repetition.
Axis parse_axis(const std::string& text);

// A row a network and combination, the last axis fastest; without axes the engine itself. A combination that no engine
// can have, or that cannot run a network, is a row with its failure. Throws Error for a value that no combination can
// have and for a key that no engine has.
SweepTable sweep(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                 const std::vector<Axis>& axes, MeasurementSource& source, const Progress& progress = {});

}  // namespace lanewise::study
