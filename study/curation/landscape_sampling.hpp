// SPDX-License-Identifier: Apache-2.0
// How rugged a space is, on designs that a seed draws. Private to the landscape.
#pragma once

#include <string>

#include "nas/neighbourhood.hpp"
#include "study/curation/landscape.hpp"
#include "study/curation/landscape_pricing.hpp"

namespace lanewise::study {

// Of the part of the space that `kept` leaves; `name` is what progress calls it.
SpaceMeasures sample_space(LandscapePricing& pricing, const nas::AllowedValues& kept, const LandscapeOptions& options,
                           const std::string& name);

}  // namespace lanewise::study
