// SPDX-License-Identifier: Apache-2.0
// The accuracy oracles that ask other programs: a person's own, of which docs/network_accuracy.md says what it is given
// and gives, and lanewise-fit.
#pragma once

#include <memory>
#include <string>

#include "core/base/progress.hpp"
#include "core/network/import.hpp"
#include "nas/oracles/accuracy_oracle.hpp"

namespace lanewise::study {

// Where programs run, and what they get beside the candidate.
struct ProgramPlace {
  std::string cache;         // file of the answers in a job's folder; "": they are kept as long as the oracle lives
  std::string weights_from;  // file whose weights a candidate keeps where their shapes are unchanged; "": none
  Progress progress;
  network::ImportOptions read_as = {};  // how that file was read
  std::string space = {};               // text of the space's file, which lanewise-fit reads; "": it can build none
};

// Of the settings "command", "timeout", "retries", "jobs", "per", "cache" and "better". Several candidates are asked
// for at once, the answers and the cache's final order do not depend on which comes first. Throws Error naming the key
// for a program that cannot be started, and Interrupted, with every program ended, where the progress asks to stop.
std::unique_ptr<nas::AccuracyOracle> make_program_oracle(const nas::AccuracySettings& settings, ProgramPlace place);

// What nas::make_accuracy_oracle needs so that it may make them, or must not. `canonical` as in the context.
nas::AccuracyContext accuracy_context(bool allow_commands, ProgramPlace place,
                                      std::function<std::string(const std::string&)> canonical = {});

}  // namespace lanewise::study
