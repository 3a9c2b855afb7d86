// SPDX-License-Identifier: Apache-2.0
// Values between which the cost rises while FLOPs fall: what is left of a ragged landscape where no value is worse than
// another in every context.
#pragma once

#include <string>
#include <vector>

#include "nas/space/space.hpp"
#include "study/curation/curated_costs.hpp"
#include "study/curation/curation.hpp"

namespace lanewise::study {

// Looks at every step between neighbouring kept values, in random designs of what is kept. Where in some of them the
// value of fewer MACs costs more, it goes; where it is the default that is left, or one that must stay
// (CurationOptions::keep_default), the other goes. Genes that are `spared` keep what they have.
void drop_rising_steps(const nas::Space& space, CuratedCosts& costs, const CurationOptions& options,
                       const std::vector<bool>& spared, const Progress& progress, Curation& curation);

}  // namespace lanewise::study
