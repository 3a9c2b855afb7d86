// SPDX-License-Identifier: Apache-2.0
// The same searches on a space as it is and curated. Private to the landscape.
#pragma once

#include <vector>

#include "nas/neighbourhood.hpp"
#include "nas/oracles/accuracy_oracle.hpp"
#include "study/curation/landscape.hpp"
#include "study/curation/landscape_pricing.hpp"

namespace lanewise::study {

// One entry per algorithm of the options. The latency is the objective, and `quality` constrains it. `whole` and
// `curated`: the values that there are; `defaults`: of the curated space.
std::vector<SearchMeasures> search_both(LandscapePricing& pricing, nas::AccuracyOracle& quality,
                                        const nas::AllowedValues& whole, const nas::AllowedValues& curated,
                                        const nas::Genotype& defaults, const LandscapeOptions& options);

}  // namespace lanewise::study
