// SPDX-License-Identifier: Apache-2.0
// A search space with what it was made of: a network that it moves, an engine that it changes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nas/space/space.hpp"
#include "python/bindings/bindings.hpp"

namespace lanewise::python {

struct SpaceHandle {
  nas::SpaceDescription description;
  std::optional<NetworkHandle> model;  // what the space moves; none where it has networks of its own
  std::optional<EngineHandle> base;    // none: the networks alone
  std::unique_ptr<nas::Space> space;

  nas::Genotype decode(const std::string& encoding) const { return space->decode(encoding); }
  std::vector<nas::Genotype> decode(const std::vector<std::string>& encodings) const {
    std::vector<nas::Genotype> genotypes;
    genotypes.reserve(encodings.size());
    for (const std::string& encoding : encodings) genotypes.push_back(space->decode(encoding));
    return genotypes;
  }
};
using SpacePointer = std::shared_ptr<const SpaceHandle>;

}  // namespace lanewise::python
