// SPDX-License-Identifier: Apache-2.0
// What a pattern may say of its places and engines, one condition at a time, and which sites fulfil it.
#pragma once

#include <functional>
#include <vector>

#include "nas/moves/moves_file.hpp"
#include "study/advice/pattern_sites.hpp"

namespace lanewise::study {

using Mask = std::vector<bool>;  // by site

enum class Feature { kStride, kKernel, kChannels, kExpansion, kWindow, kResidual, kArray, kFamily, kDepth };

// A condition that a pattern may set, and the sites that fulfil it.
struct Condition {
  Feature feature = Feature::kStride;
  std::function<void(nas::MoveEntry&)> set;
  Mask mask;
  bool of_engine() const { return feature == Feature::kArray || feature == Feature::kFamily; }
};

// Every condition that tells some sites from others, one of those that tell the same ones. The sites are of one move
// and one way, at least one of them.
std::vector<Condition> conditions_among(const std::vector<const PatternSite*>& sites);

}  // namespace lanewise::study
