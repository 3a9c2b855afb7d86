// SPDX-License-Identifier: Apache-2.0
// What a search chooses: genes with their values, and a genotype that picks one value of each.
#pragma once

#include <string>
#include <vector>

namespace lanewise::nas {

// A gene: what it decides, and its possible values. Value 0 is always the default, the network or engine as given.
struct Gene {
  // "fuse.ibn3", "depth_multiplier.stage1", "channels", or a key of the hwconfig: "engine.parallelism_factor",
  // "dram.bandwidth"
  std::string name;
  std::vector<std::string> values;  // as shown to people
};
using Genotype = std::vector<int>;  // an index into `values` for each gene

}  // namespace lanewise::nas
