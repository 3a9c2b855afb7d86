// SPDX-License-Identifier: Apache-2.0
// A curated space as a file of its own.
#pragma once

#include <string>
#include <vector>

#include "core/engine/engine_config.hpp"
#include "core/network/graph.hpp"
#include "nas/space/space.hpp"
#include "nas/space/space_description.hpp"
#include "study/curation/curation.hpp"

namespace lanewise::study {

// The genes whose default must stay: it stands for them where they do not matter or conditions do not hold.
std::vector<std::string> genes_with_fixed_default(const nas::SpaceDescription& description, const nas::Space& space);

// Least capacity of a description as shares of the default network's: 0 where it has none, or where something measures
// accuracy in capacity's place.
struct CapacityShares {
  double macs = 0, parameters = 0;
};
CapacityShares capacity_shares(const nas::SpaceDescription& description, const nas::Space& space);

// Puts back what the file of the description cannot do without: a value that is the last of a condition on it. In a
// space of moves the file has one list for all places, so a value goes from it only where it goes from every gene.
void fit_to_file(const nas::SpaceDescription& description, Curation& curation);

struct CuratedFile {
  std::string raw_path;   // of the raw file
  std::string path;       // of the new one
  std::string made_for;   // the engine with its hash, for its first comment
  CapacityShares shares;  // least capacity, of networks of the space's own
};
// The text of the file: valid by itself, a subset of the raw space in every gene, whose encodings name the same
// networks there, with the reasons as comments. Least capacity stays a share of the raw default's.
std::string curated_text(const nas::SpaceDescription& description, const nas::Space& space, const Curation& curation,
                         const CuratedFile& file);

}  // namespace lanewise::study
