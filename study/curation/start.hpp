// SPDX-License-Identifier: Apache-2.0
// Where a search of a curated space begins.
#pragma once

#include <cstdint>

#include "core/engine/engine_config.hpp"
#include "nas/space/space.hpp"
#include "study/curation/curation.hpp"

namespace lanewise::study {

// Sets the defaults of the genes from what is kept of them, and the starts of the curation. Coming in, `default_value`
// is that of the best design that trades met, where `traded`. A raw default stays where it is kept; otherwise the value
// that is said to stand for it does, where that has no less capacity, and else the kept value of the least capacity at
// or above its own, or of the most there is. Where these together have fewer than `macs` and `parameters`, genes take
// their next larger value one after the other, in the order of the space and again from the first, until they have as
// many; nothing is asked what it costs.
void choose_start(const nas::Space& space, const engine::EngineConfig& engine, std::int64_t macs,
                  std::int64_t parameters, bool traded, const CurationOptions& options, Curation& curation);

}  // namespace lanewise::study
