// SPDX-License-Identifier: Apache-2.0
// lanewise-fit as searches run it: where it is, and the files that it is given.
#pragma once

#include <string>
#include <vector>

#include "nas/oracles/accuracy_oracle.hpp"
#include "study/codesign/program_oracle.hpp"

namespace lanewise::study {

// Path of lanewise-fit: $LANEWISE_FIT where that is set, else beside the running program as find_program looks for it.
// Throws Error, beginning with `place`, that says how it is built where there is none. From then on every program that
// this one starts ends when this one does, however that ends, if it is lanewise-fit.
std::string fit_program(const std::string& place);

// Throws Error, beginning with `place`, where the space's networks are not of its own: their encodings say nothing
// without the network that moves are made on.
void require_own_networks(const ProgramPlace& programs, const std::string& place);

// Writes space.yaml and encodings.csv, one column `encoding`, into a folder that is there.
void write_fit_input(const std::string& folder, const std::string& space, const std::vector<std::string>& encodings);

}  // namespace lanewise::study
