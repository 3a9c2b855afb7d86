// SPDX-License-Identifier: Apache-2.0
// Where a space file describes each gene of its own networks, and where it speaks of one.
#pragma once

#include <string>
#include <vector>

#include "core/engine/raw_config.hpp"
#include "nas/space/block_settings.hpp"

namespace lanewise::nas {

struct GenePlace {
  std::string gene, key;  // "b.kernel", "network.stages.b.kernel"
  bool shared = false;    // one of network.genes
};
// In the order of the file.
std::vector<GenePlace> gene_places(const BlockSettings& settings, const engine::RawConfig& raw);

struct GeneMention {
  enum class Kind { kMap, kCondition };  // {gene: NAME, A: 1}; when: {NAME: [A, B]}
  Kind kind = Kind::kMap;
  std::string gene, key;  // of the map, or of the condition's entry
};
std::vector<GeneMention> gene_mentions(const BlockSettings& settings, const engine::RawConfig& raw);

}  // namespace lanewise::nas
