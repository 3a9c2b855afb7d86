// SPDX-License-Identifier: Apache-2.0
// Evaluates every network on every combination of engine parameter values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/engine/followers.hpp"
#include "core/network/graph.hpp"
#include "study/evaluation/estimate.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "study/evaluation/sweep_table.hpp"

namespace lanewise::study {

struct Axis {
  std::string key;
  std::vector<std::string> values;
};
// Parses "KEY=v1,v2,…". Throws Error naming the text unless it has a key and at least one value, without repetition.
Axis parse_axis(const std::string& text);

// Whether the key is a size of the network, "batch" or "dim.NAME", and none of the engine.
bool is_network_key(const std::string& key);

// The combinations of the axes' values, the last axis varying fastest; one empty combination where there are no axes.
std::vector<std::vector<std::pair<std::string, std::string>>> combinations(const std::vector<Axis>& axes);

// One row per network and combination, the last axis varying fastest; without axes `base` itself. A combination that is
// no valid engine, or that cannot run a network, gives a row with its failure. Throws Error for a value that is valid
// in no combination and for an unknown key. With `scaling` the keys that follow the varied ones are scaled relative to
// `base`; Error as engine::followers_of. With `sizes`, axes of the networks' own sizes, `graphs` holds each network
// once per combination of these, and every row says which; they vary more slowly than the engine's keys. `wishes` say
// by what rows are marked, ordered and left out; Error where a limit is a factor of what `base` costs and it cannot run
// the network.
SweepTable sweep(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                 const std::vector<Axis>& axes, MeasurementSource& source, const Progress& progress = {},
                 const engine::Scaling* scaling = nullptr, const std::vector<Axis>& sizes = {},
                 const SweepWishes& wishes = {});
// The same as an estimator predicts it, with the reliability of each row, and simulated where `options` ask for it.
SweepTable sweep(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                 const std::vector<Axis>& axes, const estimator::Estimator& estimator, const EstimateOptions& options,
                 const Progress& progress = {}, const engine::Scaling* scaling = nullptr,
                 const std::vector<Axis>& sizes = {}, const SweepWishes& wishes = {});

}  // namespace lanewise::study
