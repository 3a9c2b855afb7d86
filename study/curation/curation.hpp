// SPDX-License-Identifier: Apache-2.0
// What a curation decided: which values of each gene of a space an engine favours, and why the others go.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lanewise::study {

// A value of a gene.
struct Choice {
  std::string value;   // as the gene shows it
  bool kept = true;
  std::string reason;  // one line with its numbers: why it is kept, or what dominates it
};

struct GeneChoices {
  std::string gene;
  std::vector<Choice> choices;  // by value of the gene
};

struct Curation {
  std::vector<GeneChoices> genes;  // one per gene of the space, in its order
  // Per gene the indices of the values that are kept, ascending; at least one each.
  std::vector<std::vector<int>> kept() const;
};

}  // namespace lanewise::study
