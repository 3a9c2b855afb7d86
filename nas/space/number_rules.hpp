// SPDX-License-Identifier: Apache-2.0
// The section `numbers` of a space file: which layers may be pruned, clustered or held in other precisions, and how
// many genes decide. docs/spaces.md explains every key.
#pragma once

#include <string>
#include <vector>

#include "core/engine/raw_config.hpp"

namespace lanewise::nas {

struct NumberRule {
  enum class Per { kNetwork, kStage, kBlock, kLayer };  // how many layers share a gene
  std::string name;
  // Names of layers, in which '*' stands for any text. Empty: all but those that `--prune` and `--cluster` spare.
  std::vector<std::string> layers;
  Per per = Per::kNetwork;
  // What layers may become beside what they are: "2:4" or "0.5"; "16"; "int4". Valid texts, each once.
  std::vector<std::string> prune, cluster, weights, activations;
};

bool is_number_entry(const engine::RawEntry& entry);
// The rules of the file in its order. Throws Error naming file:line, key, value and rule.
std::vector<NumberRule> read_number_rules(const engine::RawConfig& raw);
// The keys of the section, in the reference's order; "<rule>" stands for a name.
std::vector<std::string> number_keys();

}  // namespace lanewise::nas
