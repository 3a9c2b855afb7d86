// SPDX-License-Identifier: Apache-2.0
// What a search space offers, as people and programs read it.
#pragma once

#include <string>

#include "nas/space/space.hpp"

namespace lanewise::report {

// A design of a space, and the space around it.
struct SpaceView {
  std::string name;             // of the space
  std::string network, engine;  // of the base; "" where there is none
  const nas::Space* space = nullptr;
  nas::Genotype genotype;  // canonical
};

// {"space", "network", "engine", "encoding", "designs", "genes": [{"name", "part", "values", "value", "matters"}],
// "left_out": […]}. `designs` counts genotypes, those that mean the same included; `matters` says whether another value
// of the gene, with the others as they are, would be another design.
std::string to_json(const SpaceView& view);
// One row per gene.
std::string to_csv(const SpaceView& view);
std::string to_text(const SpaceView& view);

}  // namespace lanewise::report
