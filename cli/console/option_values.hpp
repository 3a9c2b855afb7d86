// SPDX-License-Identifier: Apache-2.0
// Which values an option takes, as far as its own help says: choices, names of files that come with the tool, keys of
// an engine, paths.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/console/completion.hpp"

namespace lanewise::cli {

// Adds what may stand where `typed` stands.
void add_values(const CLI::Option& option, const std::string& typed, Completion& completion);

// Adds to `completion` each of `words` with `typed` up to its last comma in front, for options that take a list.
void add_list(const std::vector<Candidate>& words, const std::string& typed, Completion& completion);

}  // namespace lanewise::cli
