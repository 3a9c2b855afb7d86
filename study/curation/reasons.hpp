// SPDX-License-Identifier: Apache-2.0
// Why a value is kept or goes, in one line with its numbers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "study/curation/curated_costs.hpp"
#include "study/curation/curation.hpp"
#include "study/curation/value_series.hpp"

namespace lanewise::study {

// Of the value `value` of the gene whose choices are decided, from the series of its contexts, at least one.
std::string reason(const nas::Space& space, CuratedCosts& costs, const std::vector<ValueSeries>& series,
                   const GeneChoices& gene, std::size_t value);

}  // namespace lanewise::study
