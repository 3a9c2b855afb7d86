// SPDX-License-Identifier: Apache-2.0
// The oracle of scores that need libtorch: lanewise-fit gives them, a batch of networks at once.
#pragma once

#include <memory>

#include "study/codesign/program_oracle.hpp"

namespace lanewise::study {

// Of the settings "score", "data", "options", "jobs", "timeout", "cache" and "better", which is as the score says where
// it is not given. The networks that are asked for together are cut into `jobs` batches, a program for each: libtorch
// takes half a second to start. Throws Error naming the key where lanewise-fit is not there, has no such score, cannot
// build the networks or fails on the first of them, and for scores that are made of ranks within a list.
std::unique_ptr<nas::AccuracyOracle> make_fit_score_oracle(const nas::AccuracySettings& settings,
                                                           const ProgramPlace& place);

}  // namespace lanewise::study
