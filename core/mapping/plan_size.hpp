// SPDX-License-Identifier: Apache-2.0
// Whether a subgraph is too large to be planned in bounded time and memory. Asked by refusal_of, so that what is
// planned and what is estimated is refused alike.
#pragma once

#include <cstdint>
#include <string>

#include "core/engine/engine_config.hpp"
#include "core/mapping/subgraph.hpp"
#include "core/mapping/tile_choice.hpp"
#include "core/mapping/tile_problem.hpp"

namespace lanewise::mapping {

// Rows or columns of a map: planners go through them one by one. Four times what a minute of sound has at 16 kHz.
inline constexpr std::int64_t kLongestAxis = std::int64_t{1} << 22;
// Tiles, patches or kernel groups of a plan, each of which is a step of the simulation and takes up to 1.3 KB of memory
// and 12 us there. The largest plan of a shipped network on a shipped engine has 32,768.
inline constexpr std::int64_t kMostSteps = 500000;
// Stripes of pixels that the groups of a plan's tiles are computed in: tiles of many small groups, or of many pixels,
// take up to 0.4 KB and 2 us for each. The largest plan of a shipped network on a shipped engine has 147,456.
inline constexpr std::int64_t kMostStripes = 2000000;
// Of all subgraphs that are simulated in one run, where the engine programs them ahead; of a shipped network on a
// shipped engine that does they have 60,032.
inline constexpr std::int64_t kMostStepsOfRun = 750000;

// "", or why the subgraph cannot be planned whatever the engine: the text names the subgraph and the limit.
std::string oversized_map(const Subgraph& subgraph);

// Steps that the choice has for the problem, and the stripes of all of them, without writing them.
std::int64_t step_count(const TileProblem& problem, const TileChoice& choice);
std::int64_t stripe_count(const TileProblem& problem, const TileChoice& choice);
// Whether it has few enough of both.
bool is_plannable(const TileProblem& problem, const TileChoice& choice);

// "", or why the plan of a subgraph that the engine has room for would be too long: the text names engine, subgraph,
// steps and limit. Of engines that search for tiles the nominal tiles count, which every search contains.
std::string oversized_plan(const Subgraph& subgraph, const engine::EngineConfig& engine);

}  // namespace lanewise::mapping
