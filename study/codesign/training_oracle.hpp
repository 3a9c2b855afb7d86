// SPDX-License-Identifier: Apache-2.0
// The accuracy oracle that trains every network with lanewise-fit.
#pragma once

#include <memory>

#include "study/codesign/program_oracle.hpp"

namespace lanewise::study {

// Of the settings "train", "recipe", "epochs", "seeds", "metric", "options", "timeout", "retries", "jobs", "cache" and
// "better". One program for each network, `jobs` of them side by side, one thread each. A training lies in a folder
// beside the answers until it is done, so that one that was cut off goes on from its checkpoint. Throws Error naming
// the key where lanewise-fit is not there or cannot build the networks, and Interrupted, with every program ended,
// where the progress asks to stop.
std::unique_ptr<nas::AccuracyOracle> make_training_oracle(const nas::AccuracySettings& settings,
                                                          const ProgramPlace& place);

}  // namespace lanewise::study
