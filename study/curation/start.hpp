// SPDX-License-Identifier: Apache-2.0
// Where a search of a curated space begins.
#pragma once

#include "study/curation/curation.hpp"

namespace lanewise::study {

// Sets the three defaults of a gene from what is kept of it. Coming in, `default_value` is that of the best design that
// trades met, where `traded`. The raw default stays where it is kept; otherwise the value that is said to stand for it
// does, where that has no less capacity, and else the kept value of the least capacity at or above its own, or of the
// most there is.
void choose_start(GeneChoices& genes, bool traded, CurationStart start);

}  // namespace lanewise::study
