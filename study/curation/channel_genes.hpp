// SPDX-License-Identifier: Apache-2.0
// Genes that change channels and nothing else: the engine's cliffs alone say what goes of them.
#pragma once

#include <cstddef>

#include "core/engine/engine_config.hpp"
#include "nas/space/space.hpp"
#include "study/curation/value_series.hpp"

namespace lanewise::study {

// Whether some two of the `values` of the series' gene make the same layers and differ in channels alone.
bool changes_channels(const nas::Space& space, const engine::EngineConfig& engine, const ValueSeries& series,
                      std::size_t values);

}  // namespace lanewise::study
